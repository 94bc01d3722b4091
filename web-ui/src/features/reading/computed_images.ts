/** The difference and the coloured uncertainty, slice by slice as they are looked at. */
import { useMemo, useRef } from 'react';
import { keepColourImage } from '../../viewer/cornerstone';
import {
  colourDifference,
  colourUncertainty,
  difference,
  noiseFloor,
} from '../../viewer/difference';
import { sameGrid } from '../../viewer/geometry';
import { type Stack, sliceOf } from '../../viewer/stack';
import type { Shown } from '../../viewer/use_viewport';

/** AI − original, slice by slice as they are asked for. */
export interface Differences {
  /** Null where the original has no slice on the same grid. */
  at: (index: number) => Float32Array | null;
  /** Twice the robust standard deviation: what the noise mask hides. */
  floor: () => number;
}

export function differencesOf(original: Stack, ai: Stack): Differences {
  const made = new Map<number, Float32Array | null>();
  const at = (index: number) => {
    const known = made.get(index);
    if (known !== undefined) return known;
    const slice = ai.slices[index];
    const other = sliceOf(original, ai.positionsMm[index] ?? Number.NaN);
    const fits = slice && other && sameGrid(slice.plane, other.plane);
    const values = fits ? difference(slice.values, other.values, other.excluded) : null;
    made.set(index, values);
    return values;
  };
  let floor: number | null = null;
  return {
    at,
    floor: () => {
      floor ??= noiseFloor(
        ai.slices.map((_, index) => at(index)).filter((slice) => slice !== null),
      );
      return floor;
    },
  };
}

/** Names one image per slice of a stack; a new key gives new names, so that colours are made anew. */
function useColourStack(
  stack: Stack | null,
  key: string,
  index: number | null,
  paint: (index: number) => Uint8Array | null,
): Shown | null {
  const made = useRef(new Set<string>());
  const imageIds = useMemo(
    () => (stack ? stack.slices.map((_, slice) => `computed:${key}/${slice}`) : []),
    [stack, key],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for all that `paint` depends on
  return useMemo(() => {
    const imageId = index === null ? undefined : imageIds[index];
    const slice = index === null ? undefined : stack?.slices[index];
    if (index === null || !imageId || !slice) return null;
    if (!made.current.has(imageId)) {
      const pixels = paint(index);
      if (!pixels) return null;
      keepColourImage(imageId, slice.plane, pixels);
      made.current.add(imageId);
    }
    return { imageIds, index, window: null };
  }, [imageIds, index, stack]);
}

export function useDifferenceImage(
  stack: Stack | null,
  differences: Differences | null,
  masked: boolean,
  index: number | null,
): Shown | null {
  const mask = masked ? (differences?.floor() ?? 0) : 0;
  return useColourStack(
    differences ? stack : null,
    `difference/${mask.toFixed(2)}`,
    index,
    (slice) => {
      const values = differences?.at(slice);
      return values ? colourDifference(values, mask) : null;
    },
  );
}

export function useUncertaintyImage(
  stack: Stack | null,
  range: number,
  threshold: number,
  index: number | null,
): Shown | null {
  return useColourStack(stack, `uncertainty/${threshold.toFixed(2)}`, index, (slice) => {
    const values = stack?.slices[slice]?.values;
    return values ? colourUncertainty(values, range, threshold) : null;
  });
}
