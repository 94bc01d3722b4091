/** Rulers and ellipses in patient coordinates, and what they measure; pure. */
import { dot, type Plane, type Point3, pixelAt } from './geometry';
import type { Slice } from './stack';

/** A length between two points of a slice. */
export interface Ruler {
  kind: 'ruler';
  from: Point3;
  to: Point3;
}

/** An ellipse in a slice; `across` and `upright` are its directions, at right angles. */
export interface Ellipse {
  kind: 'ellipse';
  centre: Point3;
  across: Point3;
  upright: Point3;
  halfAcrossMm: number;
  halfUprightMm: number;
}

export type Measure = Ruler | Ellipse;

/** Values of an image in an ellipse; padding is left out. */
export interface Statistics {
  mean: number;
  /** Of the pixels as they are (n − 1). */
  deviation: number;
  lowest: number;
  highest: number;
  /** How many pixels have their centre inside and are no padding. */
  count: number;
  /** Of the ellipse, mm². */
  areaMm2: number;
}

const minus = (a: Point3, b: Point3): Point3 => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

/** Length of a ruler, mm. */
export const lengthOf = ({ from, to }: Ruler): number => Math.hypot(...minus(to, from));

/** The ellipse in the rectangle between two corners whose sides run along two directions of the screen. */
export function ellipseBetween(from: Point3, to: Point3, right: Point3, down: Point3): Ellipse {
  const diagonal = minus(to, from);
  return {
    kind: 'ellipse',
    centre: from.map((value, axis) => (value + (to[axis] ?? 0)) / 2) as Point3,
    across: right,
    upright: down,
    halfAcrossMm: Math.abs(dot(diagonal, right)) / 2,
    halfUprightMm: Math.abs(dot(diagonal, down)) / 2,
  };
}

/** The point in the middle, by which a measure belongs to a slice. */
export function middleOf(measure: Measure): Point3 {
  if (measure.kind === 'ellipse') return measure.centre;
  return measure.from.map((value, axis) => (value + (measure.to[axis] ?? 0)) / 2) as Point3;
}

/** Columns and rows, from and to, that can have pixels inside. */
function boundsOf(ellipse: Ellipse, plane: Plane): [number, number, number, number] {
  const [x, y] = pixelAt(plane, ellipse.centre);
  const reach = Math.max(ellipse.halfAcrossMm, ellipse.halfUprightMm);
  const [across, down] = [reach / plane.columnSpacingMm, reach / plane.rowSpacingMm];
  return [
    Math.max(0, Math.ceil(x - across)),
    Math.min(plane.columns - 1, Math.floor(x + across)),
    Math.max(0, Math.ceil(y - down)),
    Math.min(plane.rows - 1, Math.floor(y + down)),
  ];
}

function isInside(ellipse: Ellipse, plane: Plane, column: number, row: number): boolean {
  const point = plane.origin.map(
    (value, axis) =>
      value +
      (plane.row[axis] ?? 0) * column * plane.columnSpacingMm +
      (plane.column[axis] ?? 0) * row * plane.rowSpacingMm,
  ) as Point3;
  const offset = minus(point, ellipse.centre);
  const across = dot(offset, ellipse.across) / ellipse.halfAcrossMm;
  const upright = dot(offset, ellipse.upright) / ellipse.halfUprightMm;
  return across * across + upright * upright <= 1;
}

/** What a slice has inside an ellipse; null where no pixel that is no padding lies in it. */
export function statisticsOf(
  ellipse: Ellipse,
  { plane, values, excluded }: Pick<Slice, 'plane' | 'values' | 'excluded'>,
): Statistics | null {
  const [left, right, top, bottom] = boundsOf(ellipse, plane);
  const inside: number[] = [];
  for (let row = top; row <= bottom; row += 1) {
    for (let column = left; column <= right; column += 1) {
      const index = row * plane.columns + column;
      if (excluded?.[index] || !isInside(ellipse, plane, column, row)) continue;
      inside.push(values[index] ?? 0);
    }
  }
  if (inside.length === 0) return null;
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const squares = inside.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: inside.length > 1 ? Math.sqrt(squares / (inside.length - 1)) : 0,
    lowest: inside.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY),
    highest: inside.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY),
    count: inside.length,
    areaMm2: Math.PI * ellipse.halfAcrossMm * ellipse.halfUprightMm,
  };
}
