/** Where `N` leads: what is still to be seen of a region, then the next region; pure. */
import type { Region } from '../../api/types';
import type { Evidence } from '../../viewer/evidence';

/** Slices of a region not yet shown with every pixel, those nearest to its middle first. */
export function unseenOf(region: Region, evidence: Evidence): number[] {
  const shown = evidence.regions.get(region.index);
  const middle = (region.firstSlice + region.lastSlice) / 2;
  const slices: number[] = [];
  for (let slice = region.firstSlice; slice <= region.lastSlice; slice += 1) {
    if (!shown?.has(slice)) slices.push(slice);
  }
  return slices.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || a - b);
}

/**
 * The next stop: forwards an unseen slice of the current region, else the next region (its first unseen slice, or its
 * middle, where `slice` is null); backwards the region before.
 */
export function nextToSee(
  regions: readonly Region[],
  evidence: Evidence,
  at: { region: number | null; slice: number },
  by: 1 | -1,
): { region: Region; slice: number | null } | null {
  if (regions.length === 0) return null;
  const index = regions.findIndex((region) => region.index === at.region);
  const here = regions[index];
  const left =
    here && by > 0 ? unseenOf(here, evidence).find((slice) => slice !== at.slice) : undefined;
  if (here && left !== undefined) return { region: here, slice: left };
  const next = index < 0 ? (by > 0 ? 0 : regions.length - 1) : index + by;
  const region = regions[(next + regions.length) % regions.length];
  return region ? { region, slice: unseenOf(region, evidence)[0] ?? null } : null;
}
