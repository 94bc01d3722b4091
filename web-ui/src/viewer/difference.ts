/** Images that the browser computes: the difference and the coloured uncertainty. Neither is signed. */
import { CIVIDIS_TABLE, DIVERGING_TABLE } from './colour_map';

/** How much an uncertainty pixel below the threshold is darkened. */
export const BELOW_THRESHOLD = 0.6;
const DARKENED_TABLE = CIVIDIS_TABLE.map((value) => value * BELOW_THRESHOLD);

/** Values in the image's unit, row by row. */
export type Values = Float32Array | Int16Array | Uint16Array | Int32Array | Uint8Array;

/** Range of the difference's colours, fixed: ± this many units. */
export const DIFFERENCE_RANGE = 60;

/** AI − original, pixel by pixel; 0 where `excluded` (padding outside the field of view). */
export function difference(
  ai: Values,
  original: Values,
  excluded: Uint8Array | null,
): Float32Array {
  if (ai.length !== original.length) throw new Error('the images have different sizes');
  const result = new Float32Array(ai.length);
  for (let index = 0; index < result.length; index += 1) {
    const isOut = excluded !== null && excluded[index] === 1;
    result[index] = isOut ? 0 : (ai[index] as number) - (original[index] as number);
  }
  return result;
}

/**
 * Robust standard deviation (1.4826 × median absolute value) of a difference whose middle is 0; the
 * noise mask hides what is within twice of it. Exact zeros (padding, air that was left alone) don't count.
 */
export function noiseFloor(differences: readonly Float32Array[]): number {
  const sample: number[] = [];
  for (const slice of differences) {
    const stride = Math.max(1, Math.floor(slice.length / 4096));
    for (let index = 0; index < slice.length; index += stride) {
      const value = Math.abs(slice[index] ?? 0);
      if (value > 0) sample.push(value);
    }
  }
  sample.sort((a, b) => a - b);
  return 2 * 1.4826 * (sample[Math.floor(sample.length / 2)] ?? 0);
}

/** Colours of a difference; with a `mask` above 0, pixels within ± mask are neutral grey. */
export function colourDifference(
  values: Float32Array,
  mask: number,
  range: number = DIFFERENCE_RANGE,
): Uint8Array {
  const pixels = new Uint8Array(values.length * 3);
  const scale = 255 / (2 * range);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    const shown = value >= -mask && value <= mask ? 0 : value;
    paint(pixels, index, DIVERGING_TABLE, (shown + range) * scale);
  }
  return pixels;
}

/** Colours of the half-width on a fixed range; below the threshold the same colours, darkened. */
export function colourUncertainty(values: Values, range: number, threshold: number): Uint8Array {
  const pixels = new Uint8Array(values.length * 3);
  const scale = 255 / range;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    const table = value >= threshold ? CIVIDIS_TABLE : DARKENED_TABLE;
    paint(pixels, index, table, value * scale);
  }
  return pixels;
}

/** The AI's values, and the original's where the half-width reaches the threshold. */
export function sourceWhereWide(
  ai: Values,
  original: Values,
  halfWidth: Values,
  threshold: number,
): Float32Array {
  return Float32Array.from(ai, (value, index) =>
    (halfWidth[index] ?? 0) >= threshold ? (original[index] ?? 0) : value,
  );
}

/** Gives a pixel the colour at a step of a table, 0–255; a slice has a quarter of a million, four of them a scroll. */
function paint(pixels: Uint8Array, index: number, table: Uint8Array, at: number) {
  const step = at > 0 ? (at < 255 ? (at + 0.5) | 0 : 255) : 0;
  const from = step * 3;
  const to = index * 3;
  pixels[to] = table[from] as number;
  pixels[to + 1] = table[from + 1] as number;
  pixels[to + 2] = table[from + 2] as number;
}

/** Share of a slice whose half-width reaches the threshold; padding doesn't count. */
export function uncertainShare(
  values: Values,
  threshold: number,
  excluded: Uint8Array | null,
): number {
  let uncertain = 0;
  let counted = 0;
  for (let index = 0; index < values.length; index += 1) {
    if (excluded?.[index]) continue;
    counted += 1;
    if ((values[index] ?? 0) >= threshold) uncertain += 1;
  }
  return counted === 0 ? 0 : uncertain / counted;
}
