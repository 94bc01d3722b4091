import { describe, expect, it } from 'vitest';
import type { Region } from '../api/types';
import {
  evidenceAfter,
  NOTHING_SEEN,
  type Sight,
  seenSlices,
  sightOf,
  slicesLeft,
} from './evidence';
import type { Plane } from './geometry';
import { closeUp, fullSize, projectionOf, screenPixelsPerPixel } from './projection';
import { WHOLE_IMAGE } from './view';

const plane: Plane = {
  origin: [-180, -180, 0],
  row: [1, 0, 0],
  column: [0, 1, 0],
  rows: 512,
  columns: 512,
  rowSpacingMm: 0.7,
  columnSpacingMm: 0.7,
};
const region: Region = {
  index: 3,
  kind: 'WIDTH',
  centreMm: [40, -20, 0],
  diameterMm: 12,
  halfWidthMax: 50,
  firstSlice: 4,
  lastSlice: 6,
};
const sight = (slice: number, more: Partial<Sight> = {}): Sight => ({
  what: 'ai',
  slice,
  scale: 1,
  regions: [3],
  ...more,
});
const LONG = { stayedMs: 400, countedMs: 0 };

describe('what was seen', () => {
  it('counts nothing that only flew by', () => {
    expect(evidenceAfter(NOTHING_SEEN, [sight(4)], { stayedMs: 149, countedMs: 0 })).toBe(
      NOTHING_SEEN,
    );
  });

  it('sums how long each image of a slice was shown, and how long with every pixel', () => {
    let seen = evidenceAfter(NOTHING_SEEN, [sight(4), sight(4, { what: 'original' })], LONG);
    seen = evidenceAfter(seen, [sight(4, { scale: 0.9 })], { stayedMs: 1000, countedMs: 400 });
    expect(seen.slices.get(4)).toEqual({
      originalMs: 400,
      originalFullMs: 400,
      aiMs: 1000,
      aiFullMs: 400,
    });
    expect([...seenSlices(seen)]).toEqual([4]);
  });

  it('counts how long the original stood alone until the AI image is shown for the first time', () => {
    const original = sight(4, { what: 'original' });
    let seen = evidenceAfter(NOTHING_SEEN, [original], LONG);
    seen = evidenceAfter(seen, [original], { stayedMs: 1000, countedMs: 400 });
    expect(seen.originalAloneMs).toBe(1000);
    seen = evidenceAfter(seen, [original, sight(4)], LONG);
    seen = evidenceAfter(seen, [original], LONG);
    expect(seen.originalAloneMs).toBe(1000);
  });

  it('asks for every slice of a region with every pixel, the region whole in the pane', () => {
    expect(slicesLeft(region, NOTHING_SEEN)).toBe(3);
    let seen = evidenceAfter(NOTHING_SEEN, [sight(4, { scale: 0.99 })], LONG);
    seen = evidenceAfter(seen, [sight(5, { regions: [] })], LONG);
    seen = evidenceAfter(seen, [sight(6, { what: 'original' })], LONG);
    expect(slicesLeft(region, seen)).toBe(3);
    for (const slice of [4, 5, 6]) seen = evidenceAfter(seen, [sight(slice)], LONG);
    expect(slicesLeft(region, seen)).toBe(0);
  });
});

describe('the size of a pixel', () => {
  const pane = { width: 600, height: 480 };

  it('is below one to one in a quarter of a screen, and on it after a close-up', () => {
    const small = projectionOf(plane, pane, WHOLE_IMAGE);
    expect(screenPixelsPerPixel(small, 1)).toBeCloseTo(480 / 512, 6);
    const camera = closeUp(small, WHOLE_IMAGE, [40, -20, 0], 1);
    const close = projectionOf(plane, pane, camera);
    expect(screenPixelsPerPixel(close, 1)).toBeGreaterThanOrEqual(1);
    expect(sightOf('ai', 5, close, 1, [region]).regions).toEqual([3]);
    expect(
      screenPixelsPerPixel(projectionOf(plane, pane, fullSize(close, camera, 1)), 1),
    ).toBeCloseTo(1, 3);
  });

  it('r21_full_size_counts_pixels_of_the_screen_not_of_the_page', () => {
    const projection = projectionOf(plane, pane, WHOLE_IMAGE);
    for (const density of [1.25, 1.5, 2]) {
      expect(sightOf('ai', 5, projection, density, []).scale).toBeCloseTo((480 / 512) * density, 6);
    }
  });

  it('does not count a region that is cut off by the edge, or of another slice', () => {
    const aside = projectionOf(plane, pane, { ...WHOLE_IMAGE, zoom: 3, rightMm: -100 });
    expect(sightOf('ai', 5, aside, 1, [region]).regions).toEqual([]);
    expect(sightOf('ai', 7, projectionOf(plane, pane, WHOLE_IMAGE), 1, [region]).regions).toEqual(
      [],
    );
  });
});
