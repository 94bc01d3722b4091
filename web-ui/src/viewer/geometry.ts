/** Where slices lie in the patient: everything is linked by position, never by index. */

export type Point3 = [number, number, number];

/** One slice in patient coordinates (LPS, mm). */
export interface Plane {
  /** Centre of the first pixel. */
  origin: Point3;
  /** Direction in which the column index grows. */
  row: Point3;
  /** Direction in which the row index grows. */
  column: Point3;
  rows: number;
  columns: number;
  /** Distance of rows, mm. */
  rowSpacingMm: number;
  /** Distance of columns, mm. */
  columnSpacingMm: number;
}

export const dot = (a: Point3, b: Point3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const cross = (a: Point3, b: Point3): Point3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/** `point + direction * mm`. */
export const along = (point: Point3, direction: Point3, mm: number): Point3 => [
  point[0] + direction[0] * mm,
  point[1] + direction[1] * mm,
  point[2] + direction[2] * mm,
];

export const normalOf = (plane: Plane): Point3 => cross(plane.row, plane.column);

/** Position of a point along a normal, mm. */
export const positionOf = (point: Point3, normal: Point3): number => dot(point, normal);

/** A point moved along the normal of a plane onto it. */
export function onto(point: Point3, plane: Plane): Point3 {
  const normal = normalOf(plane);
  return along(point, normal, positionOf(plane.origin, normal) - positionOf(point, normal));
}

/** Centre of the slice. */
export function centreOf(plane: Plane): Point3 {
  const right = along(plane.origin, plane.row, ((plane.columns - 1) / 2) * plane.columnSpacingMm);
  return along(right, plane.column, ((plane.rows - 1) / 2) * plane.rowSpacingMm);
}

/** The pixel (column, row), with fractions, in whose place a point projects onto the plane. */
export function pixelAt(plane: Plane, point: Point3): [number, number] {
  const offset: Point3 = [
    point[0] - plane.origin[0],
    point[1] - plane.origin[1],
    point[2] - plane.origin[2],
  ];
  return [
    dot(offset, plane.row) / plane.columnSpacingMm,
    dot(offset, plane.column) / plane.rowSpacingMm,
  ];
}

/** The index of the pixel under a point, or null outside the image. */
export function pixelIndexAt(plane: Plane, point: Point3): number | null {
  const [x, y] = pixelAt(plane, point).map(Math.round) as [number, number];
  const inside = x >= 0 && y >= 0 && x < plane.columns && y < plane.rows;
  return inside ? y * plane.columns + x : null;
}

/**
 * The index of the slice nearest to a position, or null where none is within the tolerance: a pane
 * without a slice there says so instead of showing a neighbour.
 */
export function sliceAt(
  positionsMm: readonly number[],
  positionMm: number,
  toleranceMm: number,
): number | null {
  let nearest: number | null = null;
  let distance = toleranceMm;
  positionsMm.forEach((candidate, index) => {
    const here = Math.abs(candidate - positionMm);
    if (here <= distance) {
      distance = here;
      nearest = index;
    }
  });
  return nearest;
}

/**
 * The position after so many slices, within the first and the last. From where the view is when it is carried out, so
 * that strokes that come faster than the page draws are all counted.
 */
export function scrolled(positionMm: number, by: number, positionsMm: readonly number[]): number {
  const distances = positionsMm.map((candidate) => Math.abs(candidate - positionMm));
  const here = distances.indexOf(Math.min(...distances));
  const index = Math.max(0, Math.min(positionsMm.length - 1, here + by));
  return positionsMm[index] ?? positionMm;
}

/** Half the smallest distance of neighbours, and at least 0.5 mm: how far a slice speaks for a position. */
export function toleranceOf(positionsMm: readonly number[]): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let index = 1; index < positionsMm.length; index += 1) {
    const step = Math.abs((positionsMm[index] ?? 0) - (positionsMm[index - 1] ?? 0));
    if (step > 0) smallest = Math.min(smallest, step);
  }
  return Number.isFinite(smallest) ? Math.max(0.5, smallest / 2) : 0.5;
}

/** Whether two slices have their pixels in the same places (within 0.01 mm). */
export function sameGrid(a: Plane, b: Plane): boolean {
  const near = (x: number, y: number) => Math.abs(x - y) <= 0.01;
  return (
    a.rows === b.rows &&
    a.columns === b.columns &&
    near(a.rowSpacingMm, b.rowSpacingMm) &&
    near(a.columnSpacingMm, b.columnSpacingMm) &&
    a.origin.every((value, axis) => near(value, b.origin[axis] ?? Number.NaN)) &&
    dot(a.row, b.row) > 0.9999 &&
    dot(a.column, b.column) > 0.9999
  );
}

const AXES: readonly [string, string][] = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
];

/** The letters of the side a direction points to, strongest first ("L", "PL"). */
export function sideOf(direction: Point3): string {
  return direction
    .map((value, axis) => ({ value, letters: AXES[axis] ?? ['', ''] }))
    .filter(({ value }) => Math.abs(value) > 0.3)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .map(({ value, letters }) => (value > 0 ? letters[0] : letters[1]))
    .join('');
}

/** The anatomical name of a plane, from its own normal; oblique from 20° on. */
export function planeName(plane: Plane): 'sagittal' | 'coronal' | 'axial' | 'oblique' {
  const parts = normalOf(plane).map(Math.abs);
  const largest = parts.indexOf(Math.max(...parts));
  if ((parts[largest] ?? 0) < Math.cos((20 * Math.PI) / 180)) return 'oblique';
  return (['sagittal', 'coronal', 'axial'] as const)[largest] ?? 'oblique';
}
