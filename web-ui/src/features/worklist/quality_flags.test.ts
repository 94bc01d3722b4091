import { describe, expect, it } from 'vitest';
import { flagsOf } from './quality_flags';

describe('the checks of a run', () => {
  it.each([
    [0.05, 0.1, 0.1, []],
    [0.049, 0.9, 0.5, ['domain']],
    [0.7, 0.09, 0.5, ['structure']],
    [0.7, 0.9, 0.09, ['disagreement']],
    [0.011, 0.02, 0, ['domain', 'structure', 'disagreement']],
    [0.7, 0.9, null, []],
    [null, null, null, []],
  ])(
    'with domain %s, consistency %s and agreement %s flag %j',
    (domain, consistency, agreement, flags) => {
      expect(flagsOf({ domain, consistency, agreement })).toEqual(flags);
    },
  );
  it('flag nothing where there are no scores', () => {
    expect(flagsOf(null)).toEqual([]);
  });
});
