import { describe, expect, it } from 'vitest';
import { FIRST_PLAN, planOf } from './comparison_plan';

describe('a typed plan', () => {
  it('turns per cent and lists into what the server is asked for', () => {
    expect(planOf({ ...FIRST_PLAN, margin: '10' })).toEqual({
      plan: {
        margin: 0.1,
        alpha: 0.025,
        looks: [20, 40, 60],
        readers: 1,
        drawPerMille: 1000,
        futility: null,
      },
      noPreference: 0.25,
    });
  });

  it('ends for futility where a power is typed, and never where it is 0', () => {
    expect(planOf({ ...FIRST_PLAN, futility: '20', hoped: '70' })?.plan.futility).toEqual({
      alternative: 0.7,
      limit: 0.2,
    });
    expect(planOf({ ...FIRST_PLAN, futility: '0', hoped: '70' })?.plan.futility).toBeNull();
  });

  it('is none while a number is missing', () => {
    for (const part of [
      { looks: '' },
      { looks: '20, x' },
      { alpha: '' },
      { readers: '1.5' },
      { futility: 'x' },
    ]) {
      expect(planOf({ ...FIRST_PLAN, ...part })).toBeNull();
    }
  });
});
