/** The image of a slice as grey pixels; pure. */
import type { Values } from '../../viewer/difference';
import { openFile, sliceHeaderOf } from '../../viewer/header';
import { inUnit, nativePixels } from '../../viewer/native';
import { type GreyWindow, windowOfData } from '../../viewer/window';

/** What of the values is told apart: tissue, or all of them from the lowest to the highest. */
export type Contrast = 'narrow' | 'wide';

export interface Slice {
  columns: number;
  rows: number;
  values: Values;
}

/** The values of an uncompressed image; null where the file is another kind. */
export function sliceOf(file: ArrayBuffer): Slice | null {
  const dataSet = openFile(file);
  const stored = nativePixels(dataSet);
  if (!stored) return null;
  const { plane, rescale } = sliceHeaderOf(dataSet);
  return { columns: plane.columns, rows: plane.rows, values: inUnit(stored, rescale) };
}

function windowFor(values: Values, contrast: Contrast): GreyWindow {
  if (contrast === 'narrow') return windowOfData(values, null);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return { centre: (low + high) / 2, width: Math.max(1, high - low) };
}

/** Red, green, blue and opacity of each pixel, row by row. */
export function painted({ values }: Slice, contrast: Contrast): Uint8ClampedArray<ArrayBuffer> {
  const { centre, width } = windowFor(values, contrast);
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (let at = 0; at < values.length; at += 1) {
    const grey = (((values[at] ?? 0) - centre) / width + 0.5) * 255;
    pixels.fill(grey, at * 4, at * 4 + 3);
    pixels[at * 4 + 3] = 255;
  }
  return pixels;
}
