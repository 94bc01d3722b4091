/**
 * Coherent structure in a difference: smoothed, then measured against its own smoothed noise; pure.
 *
 * A low-contrast lesion lies under the noise of single voxels; smoothing at millimetres brings it up. The noise is
 * correlated, so how far the smoothed difference scatters is taken from the smoothed difference itself (robustly, over
 * the whole case), never from a formula for white noise.
 */
import type { Values } from './difference';

/** Standard deviation of the Gaussian, mm. */
export const SMOOTHING_MM = 3;
/** |z| from which structure counts as coherent. */
export const COHERENT_Z = 3.5;
/** End of the colour scale, in z. */
export const STRUCTURE_RANGE = 8;

/** One side of a normalised Gaussian, the middle first, cut off at three standard deviations. */
function kernel(sigma: number): number[] {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const weights = Array.from({ length: reach + 1 }, (_, x) =>
    Math.exp(-(x * x) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight, x) => sum + weight * (x === 0 ? 1 : 2), 0);
  return weights.map((weight) => weight / total);
}

interface Line {
  start: number;
  step: number;
  length: number;
}

function smoothLine(from: Float32Array, to: Float32Array, weights: readonly number[], line: Line) {
  for (let at = 0; at < line.length; at += 1) {
    let sum = (weights[0] ?? 0) * (from[line.start + at * line.step] ?? 0);
    for (let off = 1; off < weights.length; off += 1) {
      // Beyond the edge the last value goes on.
      const before = Math.max(0, at - off);
      const after = Math.min(line.length - 1, at + off);
      const pair =
        (from[line.start + before * line.step] ?? 0) + (from[line.start + after * line.step] ?? 0);
      sum += (weights[off] ?? 0) * pair;
    }
    to[line.start + at * line.step] = sum;
  }
}

/** A slice smoothed by a Gaussian of so many pixels across and down. */
export function smoothed(values: Float32Array, columns: number, sigma: readonly [number, number]) {
  const rows = values.length / columns;
  const across = new Float32Array(values.length);
  const both = new Float32Array(values.length);
  const [weightsAcross, weightsDown] = [kernel(sigma[0]), kernel(sigma[1])];
  for (let row = 0; row < rows; row += 1) {
    smoothLine(values, across, weightsAcross, { start: row * columns, step: 1, length: columns });
  }
  for (let column = 0; column < columns; column += 1) {
    smoothLine(across, both, weightsDown, { start: column, step: columns, length: rows });
  }
  return both;
}

/** 1.4826 × the median of |value| over slices, exact zeros (padding) left out; 0 where nothing differs. */
export function robustDeviation(slices: readonly Values[]): number {
  const sample: number[] = [];
  for (const slice of slices) {
    const stride = Math.max(1, Math.floor(slice.length / 8192));
    for (let index = 0; index < slice.length; index += stride) {
      const value = Math.abs(slice[index] ?? 0);
      if (value > 0) sample.push(value);
    }
  }
  sample.sort((a, b) => a - b);
  return 1.4826 * (sample[Math.floor(sample.length / 2)] ?? 0);
}

/** The smoothed difference in units of its own scatter; all 0 where nothing scatters. */
export function scoresOf(smooth: Float32Array, deviation: number): Float32Array {
  return deviation === 0
    ? new Float32Array(smooth.length)
    : smooth.map((value) => value / deviation);
}
