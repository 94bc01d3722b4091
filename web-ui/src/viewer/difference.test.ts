import { describe, expect, it } from 'vitest';
import { cividis, diverging } from './colour_map';
import {
  colourDifference,
  colourUncertainty,
  difference,
  noiseFloor,
  uncertainShare,
} from './difference';

const pixel = (pixels: Uint8Array, index: number) => [...pixels.subarray(index * 3, index * 3 + 3)];

describe('the difference', () => {
  it('is AI minus original, and 0 in the padding', () => {
    const result = difference(
      Float32Array.of(10, 20, -2000),
      Int16Array.of(12, 5, -1024),
      Uint8Array.of(0, 0, 1),
    );
    expect([...result]).toEqual([-2, 15, 0]);
  });

  it('refuses images of different sizes', () => {
    expect(() => difference(new Float32Array(4), new Float32Array(9), null)).toThrow('sizes');
  });

  it('is blue where something was removed, red where it was added, grey where equal', () => {
    const pixels = colourDifference(Float32Array.of(-60, 0, 60), 0);
    expect(pixel(pixels, 0)).toEqual([...diverging(-1)]);
    expect(pixel(pixels, 2)).toEqual([...diverging(1)]);
    const [red = 0, , blue = 0] = pixel(pixels, 1);
    expect(Math.abs(red - blue)).toBeLessThan(10);
  });

  it('hides what is within the mask, and nothing without one', () => {
    const values = Float32Array.of(8, 20);
    const neutral = pixel(colourDifference(Float32Array.of(0), 0), 0);
    expect(pixel(colourDifference(values, 12), 0)).toEqual(neutral);
    expect(pixel(colourDifference(values, 12), 1)).not.toEqual(neutral);
    expect(pixel(colourDifference(values, 0), 0)).not.toEqual(neutral);
  });

  it('has a noise floor of twice the robust standard deviation', () => {
    const values = Float32Array.from({ length: 1001 }, (_, index) => (index % 2 ? 10 : -10));
    values[0] = 900;
    expect(noiseFloor([values])).toBeCloseTo(2 * 1.4826 * 10, 3);
    expect(noiseFloor([])).toBe(0);
  });
});

describe('the uncertainty', () => {
  it('runs over cividis on a fixed range and stays at its ends', () => {
    const pixels = colourUncertainty(Float32Array.of(0, 80, 500), 80, 0);
    expect(pixel(pixels, 0)).toEqual([...cividis(0)]);
    expect(pixel(pixels, 1)).toEqual([...cividis(1)]);
    expect(pixel(pixels, 2)).toEqual([...cividis(1)]);
  });

  it('is darkened below the threshold', () => {
    const [dark] = pixel(colourUncertainty(Float32Array.of(40), 80, 41), 0);
    const [full] = pixel(colourUncertainty(Float32Array.of(40), 80, 40), 0);
    expect(dark).toBeLessThan(full ?? 0);
  });

  it('counts the share of a slice without its padding', () => {
    const values = Float32Array.of(50, 50, 1, 1);
    expect(uncertainShare(values, 40, null)).toBe(0.5);
    expect(uncertainShare(values, 40, Uint8Array.of(0, 1, 0, 1))).toBe(0.5);
    expect(uncertainShare(values, 40, Uint8Array.of(1, 1, 0, 0))).toBe(0);
  });
});
