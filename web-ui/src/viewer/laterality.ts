/** On which side of the patient a point lies; pure. Source: PS3.3 C.7.6.2.1.1, x grows to the patient's left. */
import type { Point3 } from './geometry';

/** Nobody lies straighter than this: nearer to the middle no side is said, mm. */
export const MIDLINE_MM = 10;

export interface Laterality {
  side: 'left' | 'right' | 'midline';
  /** From the origin of the patient coordinates, on most scanners the middle of the gantry. */
  mm: number;
}

export function lateralityOf([x]: Point3): Laterality {
  const mm = Math.abs(x);
  if (mm < MIDLINE_MM) return { side: 'midline', mm };
  return { side: x > 0 ? 'left' : 'right', mm };
}
