import { describe, expect, it } from 'vitest';
import type { Plane, Point3 } from './geometry';
import { ellipseBetween, lengthOf, statisticsOf } from './measure';

const plane: Plane = {
  origin: [-100, -80, 5],
  row: [1, 0, 0],
  column: [0, 1, 0],
  rows: 160,
  columns: 200,
  rowSpacingMm: 1,
  columnSpacingMm: 0.5,
};
const RIGHT: Point3 = [1, 0, 0];
const DOWN: Point3 = [0, 1, 0];

describe('a ruler', () => {
  it('measures millimetres in the patient, not pixels', () => {
    expect(lengthOf({ kind: 'ruler', from: [0, 0, 5], to: [30, 40, 5] })).toBe(50);
  });
});

describe('an ellipse', () => {
  const flat = (excluded: Uint8Array | null) => ({
    plane,
    values: Float32Array.from({ length: 160 * 200 }, (_, index) => Math.floor(index / 200) - 80),
    excluded,
  });
  const ellipse = ellipseBetween([-70, -20, 5], [-50, 20, 5], RIGHT, DOWN);

  it('has the area of its half-axes, and about so many pixels', () => {
    const found = statisticsOf(ellipse, flat(null));
    expect(found?.areaMm2).toBeCloseTo(Math.PI * 10 * 20, 6);
    expect((found?.count ?? 0) * 0.5).toBeGreaterThan(Math.PI * 10 * 20 * 0.97);
    expect((found?.count ?? 0) * 0.5).toBeLessThan(Math.PI * 10 * 20 * 1.03);
  });

  it('gives mean, deviation and ends of what lies inside', () => {
    const found = statisticsOf(ellipse, flat(null));
    expect(found?.mean).toBeCloseTo(0, 6);
    expect([found?.lowest, found?.highest]).toEqual([-20, 20]);
    // A coordinate over an ellipse scatters by half its half-axis.
    expect(found?.deviation).toBeCloseTo(10, 0);
  });

  it('is the same drawn from any corner, and on a view turned by a quarter', () => {
    const back = ellipseBetween([-50, 20, 5], [-70, -20, 5], RIGHT, DOWN);
    const turned = ellipseBetween([-70, -20, 5], [-50, 20, 5], DOWN, [-1, 0, 0]);
    expect(statisticsOf(back, flat(null))).toEqual(statisticsOf(ellipse, flat(null)));
    expect(statisticsOf(turned, flat(null))).toEqual(statisticsOf(ellipse, flat(null)));
  });

  it('r36_statistics_leave_the_padding_out', () => {
    const padded = flat(null);
    const excluded = new Uint8Array(padded.values.length);
    padded.values.forEach((_, index) => {
      if (Math.floor(index / 200) < 80) {
        excluded[index] = 1;
        padded.values[index] = -2000;
      }
    });
    const found = statisticsOf(ellipse, { ...padded, excluded });
    expect([found?.lowest, found?.highest]).toEqual([0, 20]);
    expect(found?.mean).toBeGreaterThan(0);
    expect(statisticsOf(ellipse, { ...padded, excluded: excluded.fill(1) })).toBeNull();
  });
});
