import { describe, expect, it } from 'vitest';
import { EMPTY_CONTENT, newFinding } from './read_content';
import { type SigningState, signingWaits } from './signing_waits';

const READY: SigningState = {
  held: true,
  complete: true,
  matches: true,
  compared: true,
  awake: true,
  unseenSlices: 0,
  content: { ...EMPTY_CONTENT, verdict: 'ACCEPT' },
};

describe('signing', () => {
  it('waits for nothing once a whole case was compared and judged', () => {
    expect(signingWaits(READY)).toBeNull();
  });

  it('is over once the hold is lost', () => {
    expect(signingWaits({ ...READY, held: false })).toBe('lost');
  });

  it('waits for the images before anything else', () => {
    expect(signingWaits({ ...READY, complete: false, matches: false })).toBe('loading');
    expect(signingWaits({ ...READY, matches: false })).toBe('differs');
  });

  it('waits until the AI image was shown, and for a verdict', () => {
    expect(signingWaits({ ...READY, compared: false })).toBe('compare');
    expect(signingWaits({ ...READY, awake: false })).toBe('keys');
    expect(signingWaits({ ...READY, content: EMPTY_CONTENT })).toBe('verdict');
  });

  it('waits until every slice of a flagged region was shown at 1:1, but for who can’t judge', () => {
    expect(signingWaits({ ...READY, unseenSlices: 1 })).toBe('unseen');
    const content = { ...READY.content, verdict: 'CANNOT_JUDGE' as const };
    expect(signingWaits({ ...READY, unseenSlices: 1, content })).toBeNull();
  });

  it('waits for the words of a limitation', () => {
    const content = { ...EMPTY_CONTENT, verdict: 'ACCEPT_WITH_LIMITATION' as const, comment: ' ' };
    expect(signingWaits({ ...READY, content })).toBe('limitation');
    expect(signingWaits({ ...READY, content: { ...content, comment: 'lung only' } })).toBeNull();
  });

  it('waits while a grave finding stands against plain acceptance', () => {
    const finding = { ...newFinding('LOST', [0, 0, 0]), severity: 'MAJOR' as const };
    const content = { ...READY.content, findings: [finding] };
    expect(signingWaits({ ...READY, content })).toBe('grave');
    expect(signingWaits({ ...READY, content: { ...content, verdict: 'REJECT' } })).toBeNull();
  });
});
