import { describe, expect, it } from 'vitest';
import { FIRST_PLAN, planOf } from './comparison_plan';

describe('a typed plan', () => {
  it('turns per cent and lists into what the server is asked for', () => {
    expect(planOf({ ...FIRST_PLAN, margin: '10' })).toEqual({
      plan: { margin: 0.1, alpha: 0.025, looks: [20, 40, 60], readers: 1, drawPerMille: 1000 },
      noPreference: 0.25,
    });
  });

  it('is none while a number is missing', () => {
    for (const part of [{ looks: '' }, { looks: '20, x' }, { alpha: '' }, { readers: '1.5' }]) {
      expect(planOf({ ...FIRST_PLAN, ...part })).toBeNull();
    }
  });
});
