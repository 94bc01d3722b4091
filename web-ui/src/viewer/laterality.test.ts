import { describe, expect, it } from 'vitest';
import { lateralityOf } from './laterality';

describe('the side of a point', () => {
  it('is the patient’s, whose left is where x grows', () => {
    expect(lateralityOf([42, -130, 12])).toEqual({ side: 'left', mm: 42 });
    expect(lateralityOf([-42, 130, -12])).toEqual({ side: 'right', mm: 42 });
  });

  it('is none so near to the middle that a patient who lies askew would change it', () => {
    expect(lateralityOf([9.9, 0, 0]).side).toBe('midline');
    expect(lateralityOf([-9.9, 0, 0]).side).toBe('midline');
    expect(lateralityOf([-10, 0, 0]).side).toBe('right');
  });
});
