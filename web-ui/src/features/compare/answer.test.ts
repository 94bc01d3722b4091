import { describe, expect, it } from 'vitest';
import {
  changed,
  complete,
  marked,
  NO_ERRORS,
  NOTHING_TYPED,
  preferenceOf,
  unmarked,
} from './answer';

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

  it('counts what is marked, and never less', () => {
    const mark = { kind: 'LOST', centreMm: [1, 2, 3], diameterMm: 6 } as const;
    const once = marked(NO_ERRORS, { ...mark, centreMm: [1, 2, 3] });
    expect(once).toMatchObject({ lost: 1, worst: 'MINOR' });
    expect(changed(once, { lost: 0 }).lost).toBe(1);
    expect(unmarked(once, 0)).toEqual(NO_ERRORS);
    const three = marked(changed(NO_ERRORS, { lost: 3 }), { ...mark, centreMm: [1, 2, 3] });
    expect(three.lost).toBe(3);
    expect(unmarked(three, 0)).toMatchObject({ lost: 3, marks: [] });
    expect(unmarked(three, 7)).toBe(three);
  });

  it('can be signed once a preference is chosen', () => {
    expect(complete(NOTHING_TYPED)).toBeNull();
    expect(complete({ ...NOTHING_TYPED, preference: 'NEITHER' })?.preference).toBe('NEITHER');
  });
});
