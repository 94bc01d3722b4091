/** What lies where: marks near the slice that is shown, and the strip of all slices. */
import { useEffect, useMemo, useState } from 'react';
import type { ReadingCase } from '../../api/types';
import { uncertainShare } from '../../viewer/difference';
import { type Point3, positionOf } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import { sliceOf } from '../../viewer/stack';
import { nextFrame, nextTurn, TURN_MS } from '../../viewer/turns';
import { markOfRegion } from './region_kind';
import type { StripSlice } from './slice_strip';
import type { CaseImages } from './use_case_images';
import type { Room } from './use_room';

/** Marks near the slice shown: regions by their slices, findings by their size. */
export function marksAt(readingCase: ReadingCase, room: Room, images: CaseImages): Mark[] {
  const { original } = images;
  if (!original) return [];
  const here = (centre: readonly number[], reachMm: number) =>
    Math.abs(positionOf(centre as Point3, original.normal) - room.view.positionMm) <= reachMm;
  const regions = readingCase.regions
    .filter(
      ({ firstSlice, lastSlice }) =>
        room.currentSlice >= firstSlice && room.currentSlice <= lastSlice,
    )
    .map((region) => markOfRegion(region, region.index === room.currentRegion));
  const findings = room.content.findings.flatMap((finding, index): Mark[] => {
    const { centreMm, diameterMm } = finding;
    if (!centreMm || !here(centreMm, Math.max(original.toleranceMm, (diameterMm ?? 0) / 2)))
      return [];
    return [
      {
        key: `finding ${index}`,
        kind: 'finding',
        label: String(index + 1),
        centre: centreMm as Point3,
        diameterMm: diameterMm ?? 0,
        current: false,
      },
    ];
  });
  return [...regions, ...findings];
}

/**
 * How much of each slice is uncertain, 0–1: some fifty million values, and so in turns and behind the images; what was
 * known before stands until all of it is there.
 */
function useShares({ original, uncertainty }: CaseImages, threshold: number): readonly number[] {
  const [shares, setShares] = useState<readonly number[]>([]);
  useEffect(() => {
    if (!original || !uncertainty) return;
    let isWanted = true;
    const count = async () => {
      const counted: number[] = [];
      await nextFrame();
      let since = performance.now();
      for (const [index, slice] of original.slices.entries()) {
        const map = sliceOf(uncertainty, original.positionsMm[index] ?? Number.NaN);
        const fits = map?.values.length === slice.values.length;
        const excluded = fits ? slice.excluded : null;
        counted.push(map ? uncertainShare(map.values, threshold, excluded) : 0);
        if (performance.now() - since < TURN_MS) continue;
        await nextTurn();
        if (!isWanted) return;
        since = performance.now();
      }
      if (isWanted) setShares(counted);
    };
    void count();
    return () => {
      isWanted = false;
    };
  }, [original, uncertainty, threshold]);
  return shares;
}

export function useStrip(
  readingCase: ReadingCase,
  images: CaseImages,
  room: Room,
  seen: ReadonlySet<number>,
) {
  const { original } = images;
  const shares = useShares(images, room.view.threshold);
  const { regions } = readingCase;
  const { findings } = room.content;
  return useMemo(
    () =>
      (original?.positionsMm ?? []).map((positionMm, index): StripSlice => {
        const near = (centre: readonly number[] | null) =>
          !!centre &&
          !!original &&
          Math.abs(positionOf(centre as Point3, original.normal) - positionMm) <=
            original.toleranceMm;
        return {
          positionMm,
          uncertain: shares[index] ?? 0,
          seen: seen.has(index),
          region: regions.some(
            ({ firstSlice, lastSlice }) => firstSlice <= index && index <= lastSlice,
          ),
          finding: findings.some(({ centreMm }) => near(centreMm)),
        };
      }),
    [shares, original, regions, findings, seen],
  );
}
