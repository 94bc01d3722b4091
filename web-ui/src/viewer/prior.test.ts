import { describe, expect, it } from 'vitest';
import type { Plane, Point3 } from './geometry';
import { centreOf, positionOf } from './geometry';
import { ageBetween, linkOf, middleOffset, normalBeside, planeBeside } from './prior';
import { projectionOf, toPane, toPatient } from './projection';
import { type Slice, type Stack, stackOf } from './stack';
import { firstView, HANGING, showsAi, viewAfter, WHOLE_IMAGE } from './view';

const AXIAL: Pick<Plane, 'row' | 'column'> = { row: [1, 0, 0], column: [0, 1, 0] };
const CORONAL: Pick<Plane, 'row' | 'column'> = { row: [1, 0, 0], column: [0, 0, -1] };

interface Made {
  origin?: Point3;
  frame?: string;
  size?: number;
  lies?: Pick<Plane, 'row' | 'column'>;
  stepMm?: number;
}

/** Five slices of `size` pixels of 1 mm. */
function stack({ origin = [0, 0, 0], frame = '1.2', size = 11, lies = AXIAL, stepMm = 2 }: Made) {
  const slices = Array.from({ length: 5 }, (_, at): Slice => {
    const plane: Plane = {
      ...lies,
      origin: [origin[0], origin[1], origin[2] + at * stepMm],
      rows: size,
      columns: size,
      rowSpacingMm: 1,
      columnSpacingMm: 1,
    };
    const header = {
      sopInstanceUid: String(at),
      modality: 'CT',
      frameOfReferenceUid: frame,
      plane,
      window: null,
      padding: null,
      rescale: { slope: 1, intercept: 0 },
      unit: 'HU',
    };
    return { plane, values: new Int16Array(size * size), excluded: null, imageId: null, header };
  });
  return stackOf(slices);
}

const planeOf = (of: Stack, at = 0) => of.slices[at]?.plane as Plane;

describe('a prior is linked', () => {
  it('by position within one frame of reference, and by hand in every other case', () => {
    const today = stack({});
    expect(linkOf(today, stack({ origin: [9, 9, 40] }))).toBe('frame');
    expect(linkOf(today, stack({ frame: '1.3' }))).toBe('other-frame');
    expect(linkOf(stack({ frame: '' }), stack({ frame: '' }))).toBe('other-frame');
    expect(linkOf(today, stack({ lies: CORONAL }))).toBe('other-plane');
  });

  it('along the normal of today’s slices, or its own where it lies across', () => {
    const today = stack({});
    expect(normalBeside(today, { plane: planeOf(stack({})) })).toEqual([0, 0, 1]);
    const mirrored = { plane: { ...planeOf(today), row: [-1, 0, 0] as Point3 } };
    expect(normalBeside(today, mirrored)).toEqual([0, 0, 1]);
    expect(normalBeside(today, { plane: planeOf(stack({ lies: CORONAL })) })).toEqual([
      expect.closeTo(0, 9),
      1,
      0,
    ]);
  });

  it('by its middle at first, where nothing else is known', () => {
    expect(middleOffset(stack({}), stack({ origin: [0, 0, -100], stepMm: 5 }))).toBe(-94);
  });
});

describe('beside each other', () => {
  const size = { width: 200, height: 300 };

  it('two slices of one frame show a patient point at one place of their panes, in one scale', () => {
    const [today, prior] = [planeOf(stack({})), planeOf(stack({ origin: [-7, 3, 1], size: 25 }))];
    const camera = { ...WHOLE_IMAGE, zoom: 1.5, rightMm: 2, downMm: -1 };
    const one = projectionOf(today, size, camera);
    const two = projectionOf(prior, size, camera, planeBeside(today, prior, 'frame'));
    expect(two.pixelsPerMm).toBeCloseTo(one.pixelsPerMm, 9);
    const point: Point3 = [4, 6, 0];
    const [x, y] = toPane(one, point);
    const found = toPatient(two, x, y);
    expect(found[0]).toBeCloseTo(4, 9);
    expect(found[1]).toBeCloseTo(6, 9);
    expect(found[2]).toBeCloseTo(1, 9);
  });

  it('by hand their middles lie on each other, in one scale', () => {
    const today = planeOf(stack({}));
    for (const [link, made] of [
      ['other-frame', { origin: [500, -80, 7], size: 31, frame: '1.3' }],
      ['other-plane', { origin: [500, -80, 7], size: 31, lies: CORONAL }],
    ] as const) {
      const prior = planeOf(stack({ ...made, origin: [...made.origin] }));
      const beside = projectionOf(prior, size, WHOLE_IMAGE, planeBeside(today, prior, link));
      expect(beside.pixelsPerMm).toBeCloseTo(projectionOf(today, size, WHOLE_IMAGE).pixelsPerMm, 9);
      beside.focalPoint.forEach((mm, axis) => {
        expect(mm).toBeCloseTo(centreOf(prior)[axis] ?? Number.NaN, 9);
      });
    }
  });
});

describe('the reader', () => {
  const start = firstView(10, { centre: 40, width: 400 }, 20);
  const prior = stack({ origin: [0, 0, 100] });

  it('moves the prior alone until it is aligned, and then both', () => {
    const placed = viewAfter(start, { kind: 'place-prior', offsetMm: 90, window: null });
    const move = { kind: 'move-prior', by: 2, positionsMm: prior.positionsMm } as const;
    const moved = viewAfter(placed, move);
    expect([moved.positionMm, moved.prior.offsetMm]).toEqual([10, 94]);
    const aligned = viewAfter(moved, { kind: 'align-prior' });
    expect(aligned.prior.alignedAtMm).toBe(10);
    expect(viewAfter(aligned, move)).toBe(aligned);
    const on = viewAfter(aligned, { kind: 'position', positionMm: 14 });
    expect(on.positionMm + on.prior.offsetMm).toBe(108);
    expect(viewAfter(on, { kind: 'align-prior' }).prior.alignedAtMm).toBeNull();
  });

  it('goes round the priors, and each begins unaligned and in a linked window', () => {
    const other = viewAfter(
      viewAfter(start, { kind: 'place-prior', offsetMm: 5, window: { centre: 1, width: 2 } }),
      { kind: 'next-prior', of: 2 },
    );
    expect([other.prior, other.priorWindow]).toEqual([
      { index: 1, offsetMm: 0, alignedAtMm: null },
      null,
    ]);
    expect(viewAfter(other, { kind: 'next-prior', of: 2 }).prior.index).toBe(0);
    expect(viewAfter(start, { kind: 'next-prior', of: 0 }).prior.index).toBe(0);
  });

  it('has one window for both, or two where the modality is another one', () => {
    const window = { centre: 7, width: 8 };
    expect(viewAfter(start, { kind: 'window', window, of: 'prior' }).window).toEqual(window);
    const apart = viewAfter(start, {
      kind: 'place-prior',
      offsetMm: 0,
      window: { centre: 600, width: 900 },
    });
    const after = viewAfter(apart, { kind: 'window', window, of: 'prior' });
    expect([after.window, after.priorWindow]).toEqual([start.window, window]);
  });

  it('sees the prior with the original and the AI image, which is what the stage counts as', () => {
    const beside = viewAfter(start, { kind: 'beside-prior' });
    expect(HANGING[beside.stage]).toEqual(['prior', 'original', 'ai']);
    expect(showsAi(beside)).toBe(true);
  });
});

describe('how much earlier', () => {
  it('is said in whole units', () => {
    const ages = [
      ['20260302', { unit: 'days', count: 0 }],
      ['20260301', { unit: 'days', count: 1 }],
      ['20260217', { unit: 'days', count: 13 }],
      ['20260216', { unit: 'weeks', count: 2 }],
      ['20260103', { unit: 'weeks', count: 8 }],
      ['20260102', { unit: 'months', count: 2 }],
      ['20251202', { unit: 'months', count: 3 }],
      ['20251203', { unit: 'months', count: 2 }],
      ['20240303', { unit: 'months', count: 23 }],
      ['20240302', { unit: 'years', count: 2 }],
      ['20160303', { unit: 'years', count: 9 }],
    ] as const;
    for (const [earlier, age] of ages) expect(ageBetween(earlier, '20260302')).toEqual(age);
  });
});

describe('positions', () => {
  it('of a stack that is sorted along another normal are those along it', () => {
    const flipped = stackOf([...stack({}).slices].reverse(), [0, 0, -1]);
    expect(flipped.positionsMm).toEqual([-8, -6, -4, -2, 0].map((mm) => expect.closeTo(mm, 9)));
    expect(positionOf(centreOf(planeOf(flipped)), [0, 0, -1])).toBeCloseTo(-8, 9);
  });
});
