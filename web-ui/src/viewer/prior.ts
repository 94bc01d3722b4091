/** How a prior lies beside the images of today: linked by position, and how much older it is; pure. */
import { centreOf, dot, normalOf, type Plane, type Point3, scrolled } from './geometry';
import type { Stack } from './stack';

/** Slices that are turned against each other by more than this are no neighbours. */
const PARALLEL_MIN = Math.cos((20 * Math.PI) / 180);

/**
 * What links a prior: the frame of reference that it has in common with the original, or the hand of the reader, because it
 * has another one or its slices lie across.
 */
export type PriorLink = 'frame' | 'other-frame' | 'other-plane';

/** A stack with slices that know their frame of reference. */
type Framed = Pick<Stack, 'slices'>;

export function linkOf(original: Framed, prior: Framed): PriorLink {
  const [one, two] = [original.slices[0], prior.slices[0]];
  if (!one || !two || Math.abs(dot(normalOf(one.plane), normalOf(two.plane))) < PARALLEL_MIN) {
    return 'other-plane';
  }
  const [frame, other] = [one.header?.frameOfReferenceUid, two.header?.frameOfReferenceUid];
  return frame && frame === other ? 'frame' : 'other-frame';
}

/** The normal along which the positions of a prior are measured: the original's, unless the slices lie across. */
export function normalBeside(original: Stack, slice: { plane: Plane }): Point3 {
  const own = normalOf(slice.plane);
  return Math.abs(dot(own, original.normal)) < PARALLEL_MIN ? own : original.normal;
}

/** Where a prior stands beside the original. */
export interface PriorPlace {
  /** Which of the priors. */
  index: number;
  /** What is added to a position of the original to get that of the prior, mm; 0 within one frame of reference. */
  offsetMm: number;
  /** Where the reader said that both show the same place, along the original's normal, mm; null while nobody has. */
  alignedAtMm: number | null;
}

export const FIRST_PRIOR: PriorPlace = { index: 0, offsetMm: 0, alignedAtMm: null };

/** The offset that puts the middle of a prior beside the middle of the original: where a reader begins to align. */
export function middleOffset(original: Stack, prior: Stack): number {
  const middle = ({ positionsMm }: Stack) =>
    ((positionsMm[0] ?? 0) + (positionsMm.at(-1) ?? 0)) / 2;
  return middle(prior) - middle(original);
}

/** The offset after the prior alone went on by so many of its slices. */
export function movedOffset(
  positionMm: number,
  offsetMm: number,
  by: number,
  positionsMm: readonly number[],
): number {
  return scrolled(positionMm + offsetMm, by, positionsMm) - positionMm;
}

/**
 * The plane that a camera over `plane` means on a slice of the prior: itself within one frame of reference, else put with its
 * middle on that of the prior. Scale and pan stay the same in millimetres.
 */
export function planeBeside(plane: Plane, prior: Plane, link: PriorLink): Plane {
  if (link === 'frame') return plane;
  const [from, to] = [centreOf(plane), centreOf(prior)];
  if (link === 'other-plane') {
    // The same extent, lying as the prior lies.
    const turned = { ...plane, row: prior.row, column: prior.column };
    const centre = centreOf(turned);
    return { ...turned, origin: shifted(turned.origin, centre, to) };
  }
  return { ...plane, origin: shifted(plane.origin, from, to) };
}

const shifted = (point: Point3, from: Point3, to: Point3): Point3 =>
  point.map((mm, axis) => mm + (to[axis] ?? 0) - (from[axis] ?? 0)) as Point3;

export interface Age {
  unit: 'days' | 'weeks' | 'months' | 'years';
  count: number;
}

const DAY_MS = 86_400_000;
const parts = (date: string) =>
  [date.slice(0, 4), date.slice(4, 6), date.slice(6, 8)].map(Number) as [number, number, number];

/**
 * How much earlier one DICOM date (`YYYYMMDD`) is than another, in whole units as people say them: days up to two weeks,
 * weeks up to two months, months up to two years.
 */
export function ageBetween(earlier: string, later: string): Age {
  const [y1, m1, d1] = parts(earlier);
  const [y2, m2, d2] = parts(later);
  const days = Math.round((Date.UTC(y2, m2 - 1, d2) - Date.UTC(y1, m1 - 1, d1)) / DAY_MS);
  if (days < 14) return { unit: 'days', count: days };
  const months = (y2 - y1) * 12 + m2 - m1 - (d2 < d1 ? 1 : 0);
  if (months < 2) return { unit: 'weeks', count: Math.floor(days / 7) };
  if (months < 24) return { unit: 'months', count: months };
  return { unit: 'years', count: Math.floor(months / 12) };
}
