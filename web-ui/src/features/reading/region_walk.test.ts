import { describe, expect, it } from 'vitest';
import type { Region } from '../../api/types';
import { type Evidence, NOTHING_SEEN } from '../../viewer/evidence';
import { firstView } from '../../viewer/view';
import { lookOf } from './look_commands';
import { nextToSee, unseenOf } from './region_walk';
import { countSigned, tallyOf } from './tally';

const region = (index: number, firstSlice: number, lastSlice: number): Region => ({
  index,
  kind: index === 0 ? 'WIDTH' : 'DISAGREEMENT',
  firstSlice,
  lastSlice,
  centreMm: [0, 0, 0],
  diameterMm: 5,
  halfWidthMax: 40,
});
const REGIONS = [region(0, 3, 5), region(1, 8, 8)];
const seen = (...pairs: [number, number[]][]): Evidence => ({
  ...NOTHING_SEEN,
  regions: new Map(pairs.map(([index, slices]) => [index, new Set(slices)])),
});

describe('N', () => {
  it('leads to the middle of the first region, then to what is left of it, then to the next', () => {
    const start = nextToSee(REGIONS, NOTHING_SEEN, { region: null, slice: 0 }, 1);
    expect([start?.region.index, start?.slice]).toEqual([0, 4]);
    const on = nextToSee(REGIONS, seen([0, [4]]), { region: 0, slice: 4 }, 1);
    expect([on?.region.index, on?.slice]).toEqual([0, 3]);
    const next = nextToSee(REGIONS, seen([0, [3, 4, 5]]), { region: 0, slice: 5 }, 1);
    expect([next?.region.index, next?.slice]).toEqual([1, 8]);
  });

  it('comes round, goes back, and says nothing where there is no region', () => {
    const all = seen([0, [3, 4, 5]], [1, [8]]);
    expect(nextToSee(REGIONS, all, { region: 1, slice: 8 }, 1)?.region.index).toBe(0);
    expect(nextToSee(REGIONS, all, { region: 0, slice: 3 }, -1)?.region.index).toBe(1);
    expect(nextToSee([], NOTHING_SEEN, { region: null, slice: 0 }, 1)).toBeNull();
  });

  it('begins with the slices in the middle of a region', () => {
    expect(unseenOf(region(0, 2, 6), NOTHING_SEEN)).toEqual([4, 3, 5, 2, 6]);
  });
});

describe('commands of looking', () => {
  const view = firstView(0, { centre: 0, width: 1 }, 20);
  const about = { source: { modality: 'CT' }, model: { uncertaintyRange: 80 } } as never;

  it('show nothing of the AI before the original has been looked at alone', () => {
    for (const command of ['solo-ai', 'flicker', 'wipe', 'contour', 'solo-difference'] as const) {
      expect(lookOf(command, view, about, false)).toEqual([]);
      expect(lookOf(command, view, about, true)).not.toEqual([]);
    }
    expect(lookOf('next-stage', view, about, false)).toEqual([{ kind: 'stage', by: 1 }]);
  });

  it('leave presets of CT alone on other images', () => {
    const mr = { source: { modality: 'MR' }, model: { uncertaintyRange: 80 } } as never;
    expect(lookOf('preset-1', view, about, true)).toHaveLength(1);
    expect(lookOf('preset-1', view, mr, true)).toEqual([]);
  });

  it('are told from the others', () => {
    expect(lookOf('accept', view, about, true)).toBeNull();
  });
});

describe('the tally', () => {
  it('counts today and seven days, for one person, and forgets what is older', () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    };
    const noon = new Date(2026, 4, 20, 12).getTime();
    const day = 24 * 3600 * 1000;
    for (const ago of [8 * day, 3 * day, 3600_000, 0]) countSigned('usr_a', noon - ago, store);
    expect(tallyOf('usr_a', new Date(noon), store)).toEqual({ today: 2, week: 3 });
    expect(tallyOf('usr_b', new Date(noon), store)).toEqual({ today: 0, week: 0 });
    expect(JSON.parse(kept.get('countersign.signed.usr_a') ?? '[]')).toHaveLength(3);
  });
});
