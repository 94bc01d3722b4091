import { describe, expect, it } from 'vitest';
import { isRefusedAsSignedOut, signedInAgain, tellSignedInAgain } from './client';

describe('what was refused because the login session is over', () => {
  it('goes on when the person has signed in again', async () => {
    let isOn = false;
    const waiting = signedInAgain(new AbortController().signal).then(() => {
      isOn = true;
    });
    await Promise.resolve();
    expect(isOn).toBe(false);
    tellSignedInAgain();
    await waiting;
    expect(isOn).toBe(true);
  });

  it('is given up with the page that waited for it', async () => {
    const stop = new AbortController();
    const waiting = signedInAgain(stop.signal);
    stop.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await expect(signedInAgain(stop.signal)).rejects.toThrow('left');
  });

  it('is told from a refusal of what was asked for', () => {
    const refused = (code: string) => ({ saveDraft: { draft: null, refusal: { code } } });
    expect(isRefusedAsSignedOut(refused('unauthenticated'))).toBe(true);
    expect(isRefusedAsSignedOut(refused('lease_lost'))).toBe(false);
    expect(isRefusedAsSignedOut({ saveDraft: { draft: {}, refusal: null }, viewer: null })).toBe(
      false,
    );
    expect(isRefusedAsSignedOut({ viewer: null })).toBe(false);
  });
});
