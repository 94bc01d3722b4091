import { describe, expect, it } from 'vitest';
import { normalOf, type Plane, type Point3, planeName, sideOf } from './geometry';
import { cornerstoneCamera, projectionOf, toPane, toPatient } from './projection';
import { isStraight, resampled } from './resample';
import { type Slice, stackOf } from './stack';
import {
  firstView,
  HANGING_STAGES,
  isOpen,
  panesOf,
  showsAi,
  type TurnKind,
  turned,
  UNTURNED,
  viewAfter,
  WHOLE_IMAGE,
} from './view';

const SIZE = { width: 500, height: 400 };
const rotated = (degrees: number): Pick<Plane, 'row' | 'column'> => {
  const angle = (degrees * Math.PI) / 180;
  return {
    row: [Math.cos(angle), Math.sin(angle), 0],
    column: [-Math.sin(angle), Math.cos(angle), 0],
  };
};
const planeWith = (directions: Pick<Plane, 'row' | 'column'>, z = 0): Plane => ({
  origin: [-40, -30, z],
  ...directions,
  rows: 61,
  columns: 81,
  rowSpacingMm: 1,
  columnSpacingMm: 1,
});
const AXIAL = planeWith({ row: [1, 0, 0], column: [0, 1, 0] });
const opposite = ([x, y, z]: Point3): Point3 => [-x, -y, -z];

/** The letters that a pane writes: left and top. */
function letters(plane: Plane, turns: readonly TurnKind[]): string {
  const turn = turns.reduce(turned, UNTURNED);
  const { right, down } = projectionOf(plane, SIZE, { ...WHOLE_IMAGE, turn });
  return `${sideOf(opposite(right))} ${sideOf(opposite(down))}`;
}

describe('letters at the edge', () => {
  it.each([
    [[], 'R A'],
    [['mirror-across'], 'L A'],
    [['mirror-upright'], 'R P'],
    [['mirror-across', 'mirror-upright'], 'L P'],
    [['quarter-right'], 'P R'],
    [['quarter-left'], 'A L'],
    [['mirror-across', 'quarter-right'], 'P L'],
    [['quarter-right', 'mirror-across'], 'A R'],
    [['quarter-right', 'quarter-right', 'quarter-right', 'quarter-right'], 'R A'],
    [['mirror-across', 'mirror-across'], 'R A'],
  ] as [TurnKind[], string][])(
    'r03_letters_of_an_axial_slice_follow_each_turn %j %s',
    (turns, expected) => {
      expect(letters(AXIAL, turns)).toBe(expected);
    },
  );

  it.each([0, 44, 46, 91])('r03_letters_follow_an_image_that_lies_turned %d', (angle) => {
    const plane = planeWith(rotated(angle));
    const turn = turned(UNTURNED, 'mirror-across');
    const { right } = projectionOf(plane, SIZE, { ...WHOLE_IMAGE, turn });
    expect(right).toEqual(plane.row.map((value) => 0 - value));
    expect(letters(plane, ['mirror-across']).split(' ')[0]).toBe(sideOf(plane.row));
  });

  it('r03_letters_and_name_of_a_resampled_plane_come_from_that_plane', () => {
    const stack = stackOf([0, 2, 4].map((z) => sliceAt(z, new Float32Array(61 * 81))));
    const rows = resampled(stack, 'rows', [0, 0, 2]);
    const columns = resampled(stack, 'columns', [0, 0, 2]);
    expect([planeName(rows?.plane ?? AXIAL), planeName(columns?.plane ?? AXIAL)]).toEqual([
      'coronal',
      'sagittal',
    ]);
    expect(letters(rows?.plane ?? AXIAL, [])).toBe('R H');
    expect(letters(columns?.plane ?? AXIAL, [])).toBe('A H');
    expect(letters(rows?.plane ?? AXIAL, ['mirror-across'])).toBe('L H');
    expect(planeName(planeWith({ row: [1, 0, 0], column: [0, Math.SQRT1_2, Math.SQRT1_2] }))).toBe(
      'oblique',
    );
  });
});

describe('a turned view', () => {
  const turns: TurnKind[][] = [
    [],
    ['mirror-across'],
    ['mirror-upright'],
    ['quarter-right'],
    ['quarter-left', 'mirror-across'],
  ];

  it.each(turns)('r05_a_turned_view_leads_to_the_same_patient_point %s %s', (...kinds) => {
    const turn = kinds.filter(Boolean).reduce(turned, UNTURNED);
    const camera = { zoom: 1.7, rightMm: 5, downMm: -3, turn };
    const projection = projectionOf(planeWith(rotated(20)), SIZE, camera);
    const [x, y] = toPane(projection, toPatient(projection, 123, 45));
    expect([x, y].map((value) => Math.round(value * 1e6) / 1e6)).toEqual([123, 45]);
  });

  it('r05_a_view_is_mirrored_by_the_camera_and_no_pixel_is_touched', () => {
    const mirrored = { ...WHOLE_IMAGE, turn: turned(UNTURNED, 'mirror-across') };
    const before = cornerstoneCamera(projectionOf(AXIAL, SIZE, WHOLE_IMAGE));
    const after = cornerstoneCamera(projectionOf(AXIAL, SIZE, mirrored));
    expect(before.viewPlaneNormal).toEqual([-0, -0, -1]);
    expect(after.viewPlaneNormal.map((value) => value + 0)).toEqual([0, 0, 1]);
    expect(after.viewUp).toEqual(before.viewUp);
  });

  it('fits a slice that lies on its side', () => {
    const camera = { ...WHOLE_IMAGE, turn: turned(UNTURNED, 'quarter-right') };
    const projection = projectionOf(AXIAL, { width: 300, height: 800 }, camera);
    for (const corner of [AXIAL.origin, [40, 30, 0] as Point3]) {
      const [x, y] = toPane(projection, corner);
      expect(x >= 0 && x <= 300 && y >= 0 && y <= 800).toBe(true);
    }
  });
});

function sliceAt(
  z: number,
  values: Float32Array,
  directions?: Pick<Plane, 'row' | 'column'>,
): Slice {
  const plane: Plane = { ...AXIAL, ...directions, origin: [-40, -30, z] };
  return { plane, values, excluded: null, imageId: `${z}`, header: null };
}

describe('resampling', () => {
  // The value of each voxel says where it lies: x + 1000 y + 10⁶ z is linear, so interpolation is exact.
  const field = (z: number) =>
    Float32Array.from(
      { length: 61 * 81 },
      (_, index) => (index % 81) + 100 * Math.floor(index / 81) + 10_000 * z,
    );
  const stack = stackOf([0, 2, 4, 6].map((z) => sliceAt(z, field(z))));

  it('has at each pixel the value of that place in the patient', () => {
    const made = resampled(stack, 'rows', [0, -10, 2]);
    expect(made?.plane.rows).toBe(7);
    made?.values.forEach((value, index) => {
      const [column, row] = [index % 81, Math.floor(index / 81)];
      const z = (made.plane.origin[2] ?? 0) - row;
      expect(value).toBeCloseTo(column + 100 * 20 + 10_000 * z, 1);
    });
  });

  it('cuts along columns too', () => {
    const made = resampled(stack, 'columns', [-15, 0, 2]);
    expect(made?.plane.columns).toBe(61);
    expect(made?.values[0]).toBeCloseTo(25 + 10_000 * 6, 1);
    expect(made?.values.at(-1)).toBeCloseTo(25 + 100 * 60, 1);
  });

  it('r23_slices_that_lie_askew_are_not_squeezed_into_a_box', () => {
    const angle = (20 * Math.PI) / 180;
    const tilt = {
      row: [1, 0, 0] as Point3,
      column: [0, Math.cos(angle), Math.sin(angle)] as Point3,
    };
    const sheared = stackOf([0, 2, 4].map((z) => sliceAt(z, field(z), tilt)));
    expect(isStraight(sheared)).toBe(false);
    expect(resampled(sheared, 'rows', [0, 0, 2])).toBeNull();
  });

  it('r23_tilted_slices_keep_their_count_and_their_values', () => {
    const angle = (20 * Math.PI) / 180;
    const tilt = {
      row: [1, 0, 0] as Point3,
      column: [0, Math.cos(angle), Math.sin(angle)] as Point3,
    };
    const normal = normalOf({ ...AXIAL, ...tilt });
    const tilted = Array.from({ length: 40 }, (_, n) => {
      const slice = sliceAt(0, Float32Array.of(n), tilt);
      return {
        ...slice,
        plane: {
          ...slice.plane,
          origin: normal.map((part, axis) => part * n * 3 + (AXIAL.origin[axis] ?? 0)) as Point3,
        },
      };
    });
    const found = stackOf([...tilted].reverse());
    expect(found.slices.length).toBe(40);
    expect(found.slices.map(({ values }) => values[0])).toEqual(
      Array.from({ length: 40 }, (_, n) => n),
    );
    expect(isStraight(found)).toBe(true);
  });
});

describe('the hanging', () => {
  const start = firstView(0, { centre: 0, width: 1 }, 20);

  it('begins with the original alone, and the AI comes only after it', () => {
    expect(panesOf(start)).toEqual(['original']);
    expect(showsAi(start)).toBe(false);
    expect(showsAi(viewAfter(start, { kind: 'stage', by: 1 }))).toBe(true);
  });

  it('goes through its stages and stops at the ends', () => {
    let view = start;
    for (const stage of HANGING_STAGES) {
      expect(view.stage).toBe(stage);
      view = viewAfter(view, { kind: 'stage', by: 1 });
    }
    expect(view.stage).toBe('mpr');
  });

  it('shows one pane in place of all, and gives the stage back', () => {
    const four = viewAfter(start, { kind: 'stage', by: 1 });
    const solo = viewAfter(four, { kind: 'solo', pane: 'difference' });
    expect(panesOf(solo)).toEqual(['difference']);
    expect(panesOf(viewAfter(solo, { kind: 'solo', pane: 'difference' }))).toHaveLength(4);
  });

  it('brings the AI image out from behind a curtain, another pane and the planes', () => {
    const flicker = viewAfter(start, { kind: 'flicker' });
    const hidden = [
      viewAfter(start, { kind: 'wipe' }),
      { ...flicker, flicker: 'original' as const },
      { ...start, stage: 'mpr' as const },
      { ...start, stage: 'four' as const, solo: 'difference' as const },
    ];
    for (const view of hidden) {
      expect(isOpen(view, 'ai')).toBe(false);
      expect(isOpen(viewAfter(view, { kind: 'open-ai' }), 'ai')).toBe(true);
    }
    const solo = { ...start, stage: 'mpr' as const, solo: 'ai' as const };
    expect(viewAfter(solo, { kind: 'open-ai' })).toBe(solo);
  });

  it('links windows only where the modality is the same', () => {
    const window = { centre: 5, width: 9 };
    expect(viewAfter(start, { kind: 'window', window, of: 'ai' }).window).toEqual(window);
    const unlinked = viewAfter(start, { kind: 'unlink', window: { centre: 100, width: 200 } });
    const after = viewAfter(unlinked, { kind: 'window', window, of: 'ai' });
    expect([after.window, after.aiWindow]).toEqual([start.window, window]);
  });
});

describe('scrolling', () => {
  const positionsMm = [-10, -5, 0, 5, 10];
  const from = (positionMm: number, ...steps: number[]) =>
    steps.reduce(
      (view, by) => viewAfter(view, { kind: 'scroll', by, positionsMm }),
      firstView(positionMm, { centre: 40, width: 400 }, 10),
    ).positionMm;

  it('counts each stroke, however fast they come', () => {
    expect(from(-10, 1, 1, 1)).toBe(5);
    expect(from(0, 1, -1, -1)).toBe(-5);
  });

  it('begins at the nearest slice and stays within the series', () => {
    expect(from(1.9, 1)).toBe(5);
    expect(from(5, 10)).toBe(10);
    expect(from(5, Number.NEGATIVE_INFINITY)).toBe(-10);
    expect(from(5, Number.POSITIVE_INFINITY)).toBe(10);
  });
});
