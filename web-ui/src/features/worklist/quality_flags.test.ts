import { describe, expect, it } from 'vitest';
import { flagsOf } from './quality_flags';

describe('the checks of a run', () => {
  it.each([
    [0.05, 0.1, []],
    [0.049, 0.9, ['domain']],
    [0.7, 0.09, ['structure']],
    [0.011, 0.02, ['domain', 'structure']],
    [null, null, []],
  ])('with domain %s and consistency %s flag %j', (domain, consistency, flags) => {
    expect(flagsOf({ domain, consistency })).toEqual(flags);
  });
  it('flag nothing where there are no scores', () => {
    expect(flagsOf(null)).toEqual([]);
  });
});
