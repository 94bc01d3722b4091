import { describe, expect, it } from 'vitest';
import { painted, type Slice } from './paint';

const slice = (values: number[]): Slice => ({
  columns: values.length,
  rows: 1,
  values: Int16Array.from(values),
});
const greys = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, at) => at % 4 === 0);

describe('painting a slice', () => {
  it('goes from black to white over all values', () => {
    expect(greys(painted(slice([-1000, 0, 1000]), 'wide'))).toEqual([0, 128, 255]);
  });

  it('is opaque, and grey in all three colours', () => {
    const pixels = [...painted(slice([0, 50, 100]), 'wide')];
    for (let at = 0; at < pixels.length; at += 4) {
      expect(pixels[at + 1]).toBe(pixels[at]);
      expect(pixels[at + 2]).toBe(pixels[at]);
      expect(pixels[at + 3]).toBe(255);
    }
  });

  it('tells tissue apart where metal would make it black', () => {
    const values = [...Array.from({ length: 400 }, (_, at) => (at % 2 ? 40 : 60)), 30_000];
    const tissue = (contrast: 'narrow' | 'wide') => {
      const [first = 0, second = 0] = greys(painted(slice(values), contrast));
      return Math.abs(first - second);
    };
    expect(tissue('wide')).toBe(0);
    expect(tissue('narrow')).toBe(255);
  });

  it('is white where something brighter than all tissue is written', () => {
    const values = [...Array.from({ length: 400 }, (_, at) => at % 100), 3000];
    expect(greys(painted(slice(values), 'narrow')).at(-1)).toBe(255);
  });

  it('has one grey where all values are one', () => {
    expect(greys(painted(slice([7, 7]), 'wide'))).toEqual([128, 128]);
  });
});
