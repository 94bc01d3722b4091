import { describe, expect, it } from 'vitest';
import type { Plane } from '../../viewer/geometry';
import { projectionOf } from '../../viewer/projection';
import { firstView, viewAfter, WHOLE_IMAGE } from '../../viewer/view';
import { type Drawn, sightsIn } from './use_evidence';

const plane: Plane = {
  origin: [0, 0, 0],
  row: [1, 0, 0],
  column: [0, 1, 0],
  rows: 512,
  columns: 512,
  rowSpacingMm: 0.7,
  columnSpacingMm: 0.7,
};
const projection = projectionOf(plane, { width: 400, height: 400 }, WHOLE_IMAGE);
const drawn: Drawn = new Map([
  ['original', { slice: 4, projection, isPure: true }],
  ['ai', { slice: 4, projection, isPure: true }],
]);
const four = viewAfter(firstView(0, { centre: 40, width: 400 }, 10), { kind: 'stage', by: 1 });
const page = (visibilityState: DocumentVisibilityState, devicePixelRatio = 1) => ({
  document: { visibilityState },
  devicePixelRatio,
});
const seen = (at: ReturnType<typeof page>, isCovered = false) =>
  sightsIn(four, drawn, [], { page: at, isCovered });

describe('what is displayed', () => {
  it('counts in the window that displays it, by the visibility of that window', () => {
    expect(seen(page('visible')).map(({ what }) => what)).toEqual(['original', 'ai']);
    expect(seen(page('hidden'))).toEqual([]);
  });

  it('is as large as the pixels of that window’s own screen make it', () => {
    const [one, two] = [seen(page('visible', 1)), seen(page('visible', 2))];
    expect(one[1]?.scale).toBeLessThan(1);
    expect(two[1]?.scale).toBeCloseTo(2 * (one[1]?.scale ?? 0));
  });

  it('is nothing while the page is locked over it', () => {
    expect(seen(page('visible'), true)).toEqual([]);
  });
});
