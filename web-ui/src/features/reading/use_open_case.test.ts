import { afterEach, describe, expect, it, vi } from 'vitest';
import { openCase } from './use_open_case';

const OPENED = { id: 'case_a', myRead: null };
const SIGNED = { id: 'case_a', myRead: { id: 'read_a' } };
const REFUSAL = { code: 'case_taken', message: 'taken', remedy: 'another' };

/** A server that knows the case so, and answers so when it is opened; gives what it was asked, in order. */
function server(known: object | null, openCase: { case: object | null; refusal: object | null }) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    const opens = JSON.parse(body).query.startsWith('mutation');
    asked.push(opens ? 'open' : 'look');
    return Response.json({ data: opens ? { openCase } : { case: known } });
  });
  return asked;
}

describe('a case', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(['AVAILABLE', 'MINE'] as const)(
    'that the list calls %s is opened at once',
    async (listedAs) => {
      const asked = server(OPENED, { case: OPENED, refusal: null });
      expect(await openCase('case_a', listedAs)).toEqual({ kind: 'open', readingCase: OPENED });
      expect(asked).toEqual(['open']);
    },
  );

  it('that no list told of is looked at first, and one that is signed is not opened again', async () => {
    const asked = server(SIGNED, { case: null, refusal: REFUSAL });
    expect(await openCase('case_a', undefined)).toEqual({ kind: 'signed', readingCase: SIGNED });
    expect(await openCase('case_a', 'SIGNED')).toEqual({ kind: 'signed', readingCase: SIGNED });
    expect(asked).toEqual(['look', 'look']);
  });

  it('that the list is wrong about is refused, or shown as signed', async () => {
    const asked = server(OPENED, { case: null, refusal: REFUSAL });
    expect(await openCase('case_a', 'MINE')).toEqual({ kind: 'refused', refusal: REFUSAL });
    expect(asked).toEqual(['open', 'look']);
    server(SIGNED, { case: null, refusal: REFUSAL });
    expect(await openCase('case_a', 'MINE')).toEqual({ kind: 'signed', readingCase: SIGNED });
    server(null, { case: null, refusal: REFUSAL });
    expect(await openCase('case_a', 'MINE')).toEqual({ kind: 'unknown' });
  });
});
