/** Planes across a stack: through its rows and through its columns, resampled along the normal; pure. */
import { along, dot, normalOf, type Plane, type Point3, pixelAt, sameGrid } from './geometry';
import type { Stack } from './stack';

/** How far a slice may lie beside the straight line through the stack, mm. */
const STRAIGHT_MM = 0.1;

/** Which pixels of a slice a plane goes through: those of a row, or those of a column. */
export type Across = 'rows' | 'columns';

export interface Resampled {
  plane: Plane;
  /** Row by row, in the image's unit. */
  values: Float32Array;
}

/** Whether the slices lie straight above each other on one grid, so that planes across them mean something. */
export function isStraight(stack: Stack): boolean {
  const first = stack.slices[0];
  if (!first || stack.slices.length < 2) return false;
  const normal = normalOf(first.plane);
  return stack.slices.every(({ plane }) => {
    const offset = plane.origin.map((mm, axis) => mm - (first.plane.origin[axis] ?? 0)) as Point3;
    const height = dot(offset, normal);
    const moved = { ...first.plane, origin: along(first.plane.origin, normal, height) };
    const beside = plane.origin.some(
      (mm, axis) => Math.abs(mm - (moved.origin[axis] ?? 0)) > STRAIGHT_MM,
    );
    return !beside && sameGrid({ ...plane, origin: moved.origin }, moved);
  });
}

/** The plane across a stack through a point: its rows of pixels run along the rows, or along the columns. */
export function planeAcross(stack: Stack, across: Across, point: Point3): Plane | null {
  const first = stack.slices[0];
  const last = stack.slices.at(-1);
  const [lowest, highest] = [stack.positionsMm[0], stack.positionsMm.at(-1)];
  if (!first || !last || lowest === undefined || highest === undefined) return null;
  const { plane } = first;
  const normal = normalOf(plane);
  const [x, y] = pixelAt(plane, point);
  const byRows = across === 'rows';
  const row = byRows ? plane.row : plane.column;
  const spacing = byRows ? plane.columnSpacingMm : plane.rowSpacingMm;
  // The head, where slices are axial, is above: the picture runs from the end of the normal to its start.
  const isUp = dot(normal, [0, 0, 1]) >= 0;
  const top = isUp ? last : first;
  const start = byRows
    ? along(top.plane.origin, plane.column, Math.round(y) * plane.rowSpacingMm)
    : along(top.plane.origin, plane.row, Math.round(x) * plane.columnSpacingMm);
  return {
    origin: start,
    row,
    column: isUp ? [-normal[0], -normal[1], -normal[2]] : normal,
    rows: Math.max(1, Math.round((highest - lowest) / spacing) + 1),
    columns: byRows ? plane.columns : plane.rows,
    rowSpacingMm: spacing,
    columnSpacingMm: spacing,
  };
}

/** The index of the slice at or before a position, and how far the next one is in, 0–1. */
function between(positionsMm: readonly number[], positionMm: number): [number, number] {
  let below = 0;
  while (below < positionsMm.length - 2 && (positionsMm[below + 1] ?? 0) <= positionMm) below += 1;
  const [low = 0, high = low] = [positionsMm[below], positionsMm[below + 1]];
  const share = high === low ? 0 : (positionMm - low) / (high - low);
  return [below, Math.max(0, Math.min(1, share))];
}

/**
 * A plane across a stack, linear between slices, exact within them; null where the slices form no block.
 *
 * Along the slices nothing is interpolated: each column of the result is a column of pixels of the image.
 */
export function resampled(stack: Stack, across: Across, point: Point3): Resampled | null {
  const plane = isStraight(stack) ? planeAcross(stack, across, point) : null;
  const first = stack.slices[0];
  if (!plane || !first) return null;
  const grid = first.plane;
  const [x, y] = pixelAt(grid, point).map(Math.round) as [number, number];
  const byRows = across === 'rows';
  const inside = byRows ? y >= 0 && y < grid.rows : x >= 0 && x < grid.columns;
  if (!inside) return null;
  const start = byRows ? y * grid.columns : x;
  const step = byRows ? 1 : grid.columns;
  const values = new Float32Array(plane.rows * plane.columns);
  for (let row = 0; row < plane.rows; row += 1) {
    const at = along(plane.origin, plane.column, row * plane.rowSpacingMm);
    const [below, share] = between(stack.positionsMm, dot(at, stack.normal));
    const low = stack.slices[below]?.values;
    const high = stack.slices[below + 1]?.values ?? low;
    for (let column = 0; column < plane.columns; column += 1) {
      const from = start + column * step;
      values[row * plane.columns + column] =
        (low?.[from] ?? 0) * (1 - share) + (high?.[from] ?? 0) * share;
    }
  }
  return { plane, values };
}
