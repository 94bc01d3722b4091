import { describe, expect, it } from 'vitest';
import { COHERENT_Z, robustDeviation, scoresOf, smoothed } from './structure';

const COLUMNS = 96;
const middle = 48 * COLUMNS + 48;

/** Deterministic noise of CT's kind: white numbers of a linear congruential generator, smoothed a little. */
function correlatedNoise(): Float32Array {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const white = Float32Array.from(
    { length: COLUMNS * COLUMNS },
    () => 40 * (next() + next() + next() - 1.5),
  );
  return smoothed(white, COLUMNS, [0.8, 0.8]);
}

describe('smoothing', () => {
  it('keeps what is constant, up to the edges', () => {
    for (const value of smoothed(new Float32Array(COLUMNS * 40).fill(7), COLUMNS, [3, 3])) {
      expect(value).toBeCloseTo(7, 4);
    }
  });

  it('spreads a point as a Gaussian of the stated width, and loses nothing', () => {
    const point = new Float32Array(COLUMNS * COLUMNS);
    point[middle] = 1;
    const spread = smoothed(point, COLUMNS, [2, 4]);
    expect(spread[middle]).toBeCloseTo(1 / (2 * Math.PI * 2 * 4), 3);
    expect((spread[middle + 2] ?? 0) / (spread[middle] ?? 1)).toBeCloseTo(Math.exp(-0.5), 3);
    expect((spread[middle + 4 * COLUMNS] ?? 0) / (spread[middle] ?? 1)).toBeCloseTo(
      Math.exp(-0.5),
      3,
    );
    expect(spread.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
  });
});

describe('coherent structure', () => {
  it('brings up a lesion that lies under the noise of single voxels', () => {
    const difference = correlatedNoise();
    const voxelNoise = robustDeviation([difference]);
    // A disc of 14 px across, a little more than the noise of one voxel: not to be seen in single voxels.
    for (let y = -7; y <= 7; y += 1) {
      for (let x = -7; x <= 7; x += 1) {
        const at = middle + y * COLUMNS + x;
        if (x * x + y * y <= 49) difference[at] = (difference[at] ?? 0) + 1.25 * voxelNoise;
      }
    }
    const smooth = smoothed(difference, COLUMNS, [4, 4]);
    const scores = scoresOf(smooth, robustDeviation([smooth]));
    expect(scores[middle] ?? 0).toBeGreaterThan(COHERENT_Z);
  });

  it('finds little in correlated noise alone: at most 1 % of it beyond the limit', () => {
    const smooth = smoothed(correlatedNoise(), COLUMNS, [4, 4]);
    const scores = scoresOf(smooth, robustDeviation([smooth]));
    const beyond = scores.filter((score) => Math.abs(score) > COHERENT_Z).length;
    expect(beyond / scores.length).toBeLessThan(0.01);
  });

  it('is nothing where nothing differs', () => {
    expect(robustDeviation([new Float32Array(9)])).toBe(0);
    expect([...scoresOf(Float32Array.of(0, 0), 0)]).toEqual([0, 0]);
  });
});
