import { describe, expect, it } from 'vitest';
import { changed, complete, NO_ERRORS, NOTHING_TYPED, preferenceOf } from './answer';

describe('an answer', () => {
  it('takes the keys 1 to 5 from much rather A to much rather B, and no other', () => {
    expect(['1', '2', '3', '4', '5'].map(preferenceOf)).toEqual([
      'A_MUCH',
      'A',
      'NEITHER',
      'B',
      'B_MUCH',
    ]);
    expect(['0', '6', 'a', '12', ''].map(preferenceOf)).toEqual([null, null, null, null, null]);
  });

  it('says how bad the worst error is where there is one, and only there', () => {
    const lost = changed(NO_ERRORS, { lost: 2 });
    expect(lost).toEqual({ ...NO_ERRORS, lost: 2, worst: 'MINOR' });
    const critical = changed(lost, { worst: 'CRITICAL' });
    expect(critical.worst).toBe('CRITICAL');
    expect(changed(critical, { lost: 0 })).toEqual(NO_ERRORS);
  });

  it('can be signed once a preference is chosen', () => {
    expect(complete(NOTHING_TYPED)).toBeNull();
    expect(complete({ ...NOTHING_TYPED, preference: 'NEITHER' })?.preference).toBe('NEITHER');
  });
});
