/** The difference and the coloured uncertainty, slice by slice as they are looked at. */
import { useEffect, useMemo, useRef } from 'react';
import { dropImages, keepColourImage, keepGreyImage } from '../../viewer/cornerstone';
import {
  colourDifference,
  colourUncertainty,
  difference,
  noiseFloor,
  sourceWhereWide,
} from '../../viewer/difference';
import { type Plane, type Point3, sameGrid } from '../../viewer/geometry';
import { type Across, resampled } from '../../viewer/resample';
import { type Slice, type Stack, sliceOf } from '../../viewer/stack';
import { COHERENT_Z, STRUCTURE_RANGE } from '../../viewer/structure';
import type { Shown } from '../../viewer/use_viewport';
import type { GreyWindow } from '../../viewer/window';
import type { Structure } from './use_structure';

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

/**
 * Forgets computed images once two newer generations are there: the newest is being drawn, the one before it may still
 * be on the screen.
 */
function useGenerations(imageIds: readonly string[] | null, made?: Set<string>): void {
  const generations = useRef<(readonly string[])[]>([]);
  useEffect(() => {
    const kept = generations.current;
    if (!imageIds || kept.at(-1) === imageIds) return;
    kept.push(imageIds);
    while (kept.length > 2) {
      const needed = new Set(kept.slice(1).flat());
      const old = kept.shift()?.filter((imageId) => !needed.has(imageId)) ?? [];
      dropImages(old);
      for (const imageId of old) made?.delete(imageId);
    }
  }, [imageIds, made]);
}

/** Names one image per slice of a stack; a new key gives new names, and the old images are forgotten. */
function useComputedStack(
  stack: Stack | null,
  key: string,
  index: number | null,
  make: (imageId: string, index: number) => boolean,
  window: GreyWindow | null = null,
): Shown | null {
  const made = useRef(new Set<string>());
  const imageIds = useMemo(
    () => (stack ? stack.slices.map((_, slice) => `computed:${key}/${slice}`) : []),
    [stack, key],
  );
  useGenerations(imageIds, made.current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for all that `make` depends on
  return useMemo(() => {
    const imageId = index === null ? undefined : imageIds[index];
    if (index === null || !imageId) return null;
    if (!made.current.has(imageId)) {
      if (!make(imageId, index)) return null;
      made.current.add(imageId);
    }
    return { imageIds, index, window };
  }, [imageIds, index, stack, window]);
}

export function useDifferenceImage(
  stack: Stack | null,
  differences: Differences | null,
  masked: boolean,
  index: number | null,
): Shown | null {
  const mask = masked ? (differences?.floor() ?? 0) : 0;
  const key = `difference/${mask.toFixed(2)}`;
  return useComputedStack(differences ? stack : null, key, index, (imageId, slice) => {
    const values = differences?.at(slice);
    const plane = stack?.slices[slice]?.plane;
    if (values && plane) keepColourImage(imageId, plane, colourDifference(values, mask));
    return !!values;
  });
}

/** The smoothed difference; null until the worker has it. */
export function useStructureImage(
  stack: Stack | null,
  structure: Structure,
  masked: boolean,
  index: number | null,
): Shown | null {
  const scores = index === null ? null : structure.at(index);
  const mask = masked ? COHERENT_Z : 0;
  const key = `structure/${mask}/${structure.made}`;
  return useComputedStack(scores ? stack : null, key, index, (imageId, slice) => {
    const plane = stack?.slices[slice]?.plane;
    if (scores && plane) {
      keepColourImage(imageId, plane, colourDifference(scores, mask, STRUCTURE_RANGE));
    }
    return !!scores;
  });
}

export function useUncertaintyImage(
  stack: Stack | null,
  range: number,
  threshold: number,
  index: number | null,
): Shown | null {
  const key = `uncertainty/${threshold.toFixed(2)}`;
  return useComputedStack(stack, key, index, (imageId, slice) => {
    const found = stack?.slices[slice];
    if (found) {
      keepColourImage(imageId, found.plane, colourUncertainty(found.values, range, threshold));
    }
    return !!found;
  });
}

/** The original's slice on the grid of another slice, or null. */
function partnerOf(slice: Slice | undefined, stack: Stack | null, positionMm: number) {
  const other = sliceOf(stack, positionMm);
  return slice && other && sameGrid(slice.plane, other.plane) ? other : null;
}

/** The AI image with the original where the interval is wider than ± threshold; null while it is not wanted. */
export function useSourceWhereWide(
  wanted: boolean,
  {
    original,
    ai,
    uncertainty,
  }: { original: Stack | null; ai: Stack | null; uncertainty: Stack | null },
  threshold: number,
  index: number | null,
  window: GreyWindow,
): Shown | null {
  const stack = wanted && original && uncertainty ? ai : null;
  const make = (imageId: string, at: number) => {
    const slice = ai?.slices[at];
    const positionMm = ai?.positionsMm[at] ?? Number.NaN;
    const source = partnerOf(slice, original, positionMm);
    const halfWidth = partnerOf(slice, uncertainty, positionMm);
    if (!slice || !source || !halfWidth) return false;
    const values = sourceWhereWide(slice.values, source.values, halfWidth.values, threshold);
    keepGreyImage(imageId, slice.plane, values);
    return true;
  };
  return useComputedStack(stack, `mixed/${threshold.toFixed(2)}`, index, make, window);
}

/** A plane across a stack through a point, as one image; null where the slices form no block. */
export function useResampledImage(
  name: string,
  stack: Stack | null,
  across: Across,
  point: Point3 | null,
  window: GreyWindow,
): { shown: Shown | null; plane: Plane | null } {
  const made = useMemo(
    () => (stack && point ? resampled(stack, across, point) : null),
    [stack, across, point],
  );
  const imageIds = useMemo(() => {
    if (!made) return null;
    const imageId = `computed:${name}/${made.plane.origin.map((mm) => mm.toFixed(2)).join('/')}`;
    keepGreyImage(imageId, made.plane, made.values);
    return [imageId];
  }, [made, name]);
  useGenerations(imageIds);
  const shown = useMemo(
    () => (imageIds ? { imageIds, index: 0, window } : null),
    [imageIds, window],
  );
  return { shown, plane: made?.plane ?? null };
}
