/** A series as a stack of slices sorted by position. */

import type { Values } from './difference';
import type { MapFrame } from './float_map';
import {
  centreOf,
  normalOf,
  type Plane,
  type Point3,
  pixelIndexAt,
  positionOf,
  sliceAt,
  toleranceOf,
} from './geometry';
import type { SliceHeader } from './header';

/** One slice with its values in the image's unit. */
export interface Slice {
  plane: Plane;
  values: Values;
  /** 1 where the pixel is padding; null where the file states no padding. */
  excluded: Uint8Array | null;
  /** Cornerstone's name of the image; null for maps that are shown in colours of their own. */
  imageId: string | null;
  header: SliceHeader | null;
}

export interface Stack {
  slices: Slice[];
  positionsMm: number[];
  toleranceMm: number;
  /** The normal along which positions are measured: that of the original's first slice. */
  normal: Point3;
}

/** Sorts slices by position along a normal (their own where none is given). */
export function stackOf(slices: readonly Slice[], reference?: Point3): Stack {
  const first = slices[0];
  const normal: Point3 = reference ?? (first ? normalOf(first.plane) : [0, 0, 1]);
  const positionOfSlice = (slice: Slice) => positionOf(centreOf(slice.plane), normal);
  const sorted = [...slices].sort((a, b) => positionOfSlice(a) - positionOfSlice(b));
  const positionsMm = sorted.map(positionOfSlice);
  return { slices: sorted, positionsMm, toleranceMm: toleranceOf(positionsMm), normal };
}

export function stackOfMap(frames: readonly MapFrame[], reference: Point3): Stack {
  return stackOf(
    frames.map(({ plane, values }) => ({
      plane,
      values,
      excluded: null,
      imageId: null,
      header: null,
    })),
    reference,
  );
}

/** The slice of a stack at a position, or null where it has none there. */
export function sliceOf(stack: Stack | null, positionMm: number): Slice | null {
  if (!stack) return null;
  const index = sliceAt(stack.positionsMm, positionMm, stack.toleranceMm);
  return index === null ? null : (stack.slices[index] ?? null);
}

/** The value of a stack under a point, or null outside. */
export function valueAt(stack: Stack | null, positionMm: number, point: Point3): number | null {
  const slice = sliceOf(stack, positionMm);
  if (!slice) return null;
  const index = pixelIndexAt(slice.plane, point);
  return index === null ? null : (slice.values[index] ?? null);
}

/** Which values are padding: stated by the file, compared as stored values. */
export function excludedPixels(values: Values, header: SliceHeader): Uint8Array | null {
  const { padding, rescale } = header;
  if (!padding) return null;
  const ends = [padding.low, padding.high].map((end) => end * rescale.slope + rescale.intercept);
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  const excluded = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value >= low && value <= high) excluded[index] = 1;
  }
  return excluded;
}
