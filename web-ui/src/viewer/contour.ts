/** The line at which a map reaches a value: marching squares; pure. */
import type { Values } from './difference';

/** More cells than this on one slice are noise, not a line, and would only hide the anatomy. */
export const SEGMENTS_MAX = 40_000;

/** Where the line crosses from `a` to `b`, 0–1. */
const crossing = (a: number, b: number, level: number): number => (level - a) / (b - a);

/**
 * Segments of the iso-line as x0, y0, x1, y1 in pixels, (0, 0) being the centre of the first pixel; linear
 * between pixel centres. A saddle is parted by the mean of its corners.
 *
 * # Source
 * Lorensen, Cline, SIGGRAPH 1987, in two dimensions.
 */
export function isoLine(values: Values, columns: number, rows: number, level: number): number[] {
  const segments: number[] = [];
  for (let y = 0; y < rows - 1 && segments.length < SEGMENTS_MAX * 4; y += 1) {
    for (let x = 0; x < columns - 1; x += 1) {
      const at = y * columns + x;
      const a = values[at] ?? 0;
      const b = values[at + 1] ?? 0;
      const c = values[at + columns + 1] ?? 0;
      const d = values[at + columns] ?? 0;
      const above =
        Number(a >= level) + Number(b >= level) + Number(c >= level) + Number(d >= level);
      if (above > 0 && above < 4) crossCell(segments, [a, b, c, d], [x, y], level);
    }
  }
  return segments;
}

/** Corners of a cell: top left, top right, bottom right, bottom left. */
type Corners = readonly [number, number, number, number];

function crossCell(
  segments: number[],
  [a, b, c, d]: Corners,
  [x, y]: readonly [number, number],
  level: number,
): void {
  const isAbove = (value: number) => value >= level;
  const points: (readonly [number, number])[] = [];
  if (isAbove(a) !== isAbove(b)) points.push([x + crossing(a, b, level), y]);
  if (isAbove(b) !== isAbove(c)) points.push([x + 1, y + crossing(b, c, level)]);
  if (isAbove(c) !== isAbove(d)) points.push([x + 1 - crossing(c, d, level), y + 1]);
  if (isAbove(d) !== isAbove(a)) points.push([x, y + 1 - crossing(d, a, level)]);
  // In a saddle the corners that differ from the middle are cut off.
  const turn = points.length === 4 && isAbove((a + b + c + d) / 4) !== isAbove(a) ? 3 : 0;
  for (let pair = 0; pair < points.length; pair += 2) {
    const from = points[(pair + turn) % points.length];
    const to = points[(pair + turn + 1) % points.length];
    if (from && to) segments.push(...from, ...to);
  }
}

/** The segments as the path of an SVG. */
export function pathOf(segments: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < segments.length; at += 4) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = segments.slice(at, at + 4);
    parts.push(`M${x0.toFixed(2)} ${y0.toFixed(2)}L${x1.toFixed(2)} ${y1.toFixed(2)}`);
  }
  return parts.join('');
}
