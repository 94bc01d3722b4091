import { describe, expect, it } from 'vitest';
import { type Plane, pixelIndexAt, sameGrid, sideOf, sliceAt, toleranceOf } from './geometry';
import { projectionOf, toPane, toPatient } from './projection';
import { stackOf } from './stack';
import { WHOLE_IMAGE } from './view';

const axial = (z: number): Plane => ({
  origin: [-100, -80, z],
  row: [1, 0, 0],
  column: [0, 1, 0],
  rows: 160,
  columns: 200,
  rowSpacingMm: 1,
  columnSpacingMm: 1,
});
const slice = (z: number) => ({
  plane: axial(z),
  values: new Float32Array(0),
  excluded: null,
  imageId: `slice ${z}`,
  header: null,
});

describe('matching by position', () => {
  it('sorts slices by position, not by the order in which they came', () => {
    const stack = stackOf([slice(10), slice(-5), slice(2.5)]);
    expect(stack.positionsMm).toEqual([-5, 2.5, 10]);
    expect(stack.slices.map(({ imageId }) => imageId)).toEqual([
      'slice -5',
      'slice 2.5',
      'slice 10',
    ]);
  });

  it('finds the nearest slice, whatever the index', () => {
    expect(sliceAt([0, 5, 10], 5.2, 2.5)).toBe(1);
    expect(sliceAt([5, 10, 15], 5.2, 2.5)).toBe(0);
  });

  it('says that there is none beyond the tolerance', () => {
    expect(sliceAt([0, 5, 10], 14, 2.5)).toBeNull();
    expect(sliceAt([], 0, 2.5)).toBeNull();
  });

  it('takes half the smallest distance as tolerance, and never less than half a millimetre', () => {
    expect(toleranceOf([0, 5, 9])).toBe(2);
    expect(toleranceOf([0, 0.4, 0.8])).toBe(0.5);
    expect(toleranceOf([7])).toBe(0.5);
  });

  it('knows the same grid from a shifted one', () => {
    expect(sameGrid(axial(0), axial(0))).toBe(true);
    expect(sameGrid(axial(0), { ...axial(0), origin: [-100.5, -80, 0] })).toBe(false);
    expect(sameGrid(axial(0), { ...axial(0), rows: 80 })).toBe(false);
  });
});

describe('the place of a point', () => {
  it('is the pixel whose centre is nearest, and none outside the image', () => {
    expect(pixelIndexAt(axial(0), [-100, -80, 0])).toBe(0);
    expect(pixelIndexAt(axial(0), [-98.6, -79, 0])).toBe(201);
    expect(pixelIndexAt(axial(0), [-101, -80, 0])).toBeNull();
  });

  it.each([1, 2.5])('on a pane leads back to the same point at zoom %d', (zoom) => {
    const camera = { ...WHOLE_IMAGE, zoom, rightMm: 12, downMm: -7 };
    const projection = projectionOf(axial(3), { width: 640, height: 480 }, camera);
    const point = toPatient(projection, 123, 456);
    const [x, y] = toPane(projection, point);
    expect(x).toBeCloseTo(123, 6);
    expect(y).toBeCloseTo(456, 6);
    expect(point[2]).toBe(3);
  });

  it('fits the whole slice into a pane of any shape', () => {
    for (const size of [
      { width: 900, height: 300 },
      { width: 300, height: 900 },
    ]) {
      const projection = projectionOf(axial(0), size, WHOLE_IMAGE);
      const [left, top] = toPane(projection, [-100, -80, 0]);
      const [right, bottom] = toPane(projection, [99, 79, 0]);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(size.width);
      expect(bottom).toBeLessThanOrEqual(size.height);
    }
  });

  it('names sides by the strongest axis first', () => {
    expect(sideOf([1, 0, 0])).toBe('L');
    expect(sideOf([-1, 0, 0])).toBe('R');
    expect(sideOf([0.4, 0.9, 0])).toBe('PL');
  });
});
