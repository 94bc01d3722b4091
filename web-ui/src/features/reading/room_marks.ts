/** What lies where: marks near the slice that is shown, and the strip of all slices. */
import { useMemo } from 'react';
import type { ReadingCase } from '../../api/types';
import { uncertainShare } from '../../viewer/difference';
import { type Point3, positionOf } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import { sliceOf } from '../../viewer/stack';
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
    .map(
      (region): Mark => ({
        key: `region ${region.index}`,
        kind: 'region',
        label: String(region.index + 1),
        centre: region.centreMm as Point3,
        diameterMm: region.diameterMm,
        current: region.index === room.currentRegion,
      }),
    );
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

export function useStrip(
  readingCase: ReadingCase,
  images: CaseImages,
  room: Room,
  seen: ReadonlySet<number>,
) {
  const { original, uncertainty } = images;
  const { threshold } = room.view;
  const shares = useMemo(
    () =>
      original?.slices.map((slice, index) => {
        const map = sliceOf(uncertainty, original.positionsMm[index] ?? Number.NaN);
        const fits = map?.values.length === slice.values.length;
        return map ? uncertainShare(map.values, threshold, fits ? slice.excluded : null) : 0;
      }) ?? [],
    [original, uncertainty, threshold],
  );
  const { regions } = readingCase;
  const { findings } = room.content;
  return useMemo(
    () =>
      shares.map((uncertain, index): StripSlice => {
        const positionMm = original?.positionsMm[index] ?? 0;
        const near = (centre: readonly number[] | null) =>
          !!centre &&
          !!original &&
          Math.abs(positionOf(centre as Point3, original.normal) - positionMm) <=
            original.toleranceMm;
        return {
          positionMm,
          uncertain,
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
