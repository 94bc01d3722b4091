/** What was really shown, how large and for how long; pure. */
import type { Region } from '../api/types';
import { dot, normalOf, type Point3 } from './geometry';
import { type Projection, screenPixelsPerPixel, toPane } from './projection';

/** How long a slice must stay to count as seen, ms. */
export const SEEN_AFTER_MS = 150;

/** One image on the screen, drawn. */
export interface Sight {
  what: 'original' | 'ai';
  /** Index in the original's stack. */
  slice: number;
  /** Screen pixels per pixel of the image: 1 and more shows every pixel. */
  scale: number;
  /** Regions that lie whole within the pane. */
  regions: readonly number[];
}

/** How long a slice was on the screen, ms. */
export interface SliceTime {
  originalMs: number;
  /** The part of `originalMs` with every pixel of the image on the screen. */
  originalFullMs: number;
  aiMs: number;
  /** The part of `aiMs` with every pixel of the image on the screen. */
  aiFullMs: number;
}

export interface Evidence {
  /** By slice of the original. */
  slices: ReadonlyMap<number, SliceTime>;
  /** By region: its slices that were shown with every pixel, the region whole in the pane. */
  regions: ReadonlyMap<number, ReadonlySet<number>>;
  /** How long the original stood alone before the AI image was first shown, ms. */
  originalAloneMs: number;
}

export const NOTHING_SEEN: Evidence = {
  slices: new Map(),
  regions: new Map(),
  originalAloneMs: 0,
};

const NO_TIME: SliceTime = { originalMs: 0, originalFullMs: 0, aiMs: 0, aiFullMs: 0 };

function withTime(before: SliceTime, sight: Sight, ms: number): SliceTime {
  const fullMs = sight.scale >= 1 ? ms : 0;
  if (sight.what === 'original') {
    const originalFullMs = before.originalFullMs + fullMs;
    return { ...before, originalMs: before.originalMs + ms, originalFullMs };
  }
  return { ...before, aiMs: before.aiMs + ms, aiFullMs: before.aiFullMs + fullMs };
}

/** How long the sights stayed unchanged, and how much of that is in the evidence already, ms. */
export interface Stay {
  stayedMs: number;
  countedMs: number;
}

/** The evidence after sights stayed on the screen; less than `SEEN_AFTER_MS` in one piece is nothing. */
export function evidenceAfter(evidence: Evidence, sights: readonly Sight[], stay: Stay): Evidence {
  if (stay.stayedMs < SEEN_AFTER_MS || sights.length === 0) return evidence;
  const ms = stay.stayedMs - stay.countedMs;
  const slices = new Map(evidence.slices);
  const regions = new Map(evidence.regions);
  for (const sight of sights) {
    slices.set(sight.slice, withTime(slices.get(sight.slice) ?? NO_TIME, sight, ms));
    if (sight.what !== 'ai' || sight.scale < 1) continue;
    for (const region of sight.regions) {
      regions.set(region, new Set(regions.get(region)).add(sight.slice));
    }
  }
  const alone = sights.every(({ what }) => what === 'original') && seenSlices(evidence).size === 0;
  return { slices, regions, originalAloneMs: evidence.originalAloneMs + (alone ? ms : 0) };
}

/** Slices of the AI image that were seen. */
export const seenSlices = (evidence: Evidence): ReadonlySet<number> =>
  new Set([...evidence.slices].filter(([, { aiMs }]) => aiMs > 0).map(([slice]) => slice));

/** How many slices of a region still have to be shown with every pixel. */
export function slicesLeft(region: Region, evidence: Evidence): number {
  const shown = evidence.regions.get(region.index);
  let left = 0;
  for (let slice = region.firstSlice; slice <= region.lastSlice; slice += 1) {
    if (!shown?.has(slice)) left += 1;
  }
  return left;
}

/** Whether a disc of the slice lies whole within the pane; one that is larger than the pane fits when it fills it. */
function isWhole(projection: Projection, centre: Point3, diameterMm: number): boolean {
  const { size, pixelsPerMm } = projection;
  const [x, y] = toPane(projection, centre);
  const radius = (diameterMm / 2) * pixelsPerMm;
  const reach = Math.min(radius, Math.min(size.width, size.height) / 2);
  return (
    x - reach >= -1 &&
    y - reach >= -1 &&
    x + reach <= size.width + 1 &&
    y + reach <= size.height + 1
  );
}

/** What a drawn pane shows of a slice. */
export function sightOf(
  what: Sight['what'],
  slice: number,
  projection: Projection,
  density: number,
  regions: readonly Region[],
): Sight {
  const { focalPoint, plane } = projection;
  const normal = normalOf(plane);
  const within = regions.filter(({ firstSlice, lastSlice, centreMm, diameterMm }) => {
    if (slice < firstSlice || slice > lastSlice) return false;
    const centre = centreMm as Point3;
    const above = dot(centre, normal) - dot(focalPoint, normal);
    const onSlice = centre.map((mm, axis) => mm - above * (normal[axis] ?? 0)) as Point3;
    return isWhole(projection, onSlice, diameterMm);
  });
  return {
    what,
    slice,
    scale: screenPixelsPerPixel(projection, density),
    regions: within.map(({ index }) => index),
  };
}
