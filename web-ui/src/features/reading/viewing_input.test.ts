import { describe, expect, it } from 'vitest';
import { evidenceAfter, NOTHING_SEEN, type Sight } from '../../viewer/evidence';
import { viewingOf } from './viewing_input';

const page = { innerWidth: 1280, innerHeight: 720, devicePixelRatio: 1.5 };
const stay = { stayedMs: 200.25, countedMs: 0 };
const sight = (what: Sight['what'], slice: number, scale = 1): Sight => ({
  what,
  slice,
  scale,
  regions: what === 'ai' ? [1, 0] : [],
});

describe('what goes with a signature', () => {
  it('says of each image how many slices were displayed, at which scale and for how long', () => {
    let seen = evidenceAfter(NOTHING_SEEN, [sight('original', 10, 0.5)], stay);
    seen = evidenceAfter(seen, [sight('original', 10), sight('ai', 10)], stay);
    seen = evidenceAfter(seen, [sight('original', 9), sight('ai', 9)], stay);
    seen = evidenceAfter(seen, [sight('ai', 8, 0.9)], stay);
    expect(viewingOf(seen, page)).toEqual({
      original: { slices: 2, slicesFull: 2, ms: 601, msFull: 401 },
      image: { slices: 3, slicesFull: 2, ms: 601, msFull: 401 },
      originalAloneMs: 200,
      regions: [
        { region: 0, slices: [9, 10] },
        { region: 1, slices: [9, 10] },
      ],
      screen: { densityPercent: 150, columns: 1920, rows: 1080 },
    });
  });

  it('says that nothing was displayed when nothing was', () => {
    const nothing = { slices: 0, slicesFull: 0, ms: 0, msFull: 0 };
    const { original, image, regions } = viewingOf(NOTHING_SEEN, page);
    expect([original, image, regions]).toEqual([nothing, nothing, []]);
  });
});
