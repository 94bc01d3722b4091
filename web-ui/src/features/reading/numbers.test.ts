import { describe, expect, it } from 'vitest';
import { ellipseBetween } from '../../viewer/measure';
import { figure, measureWords, signed } from './numbers';

const WORDS = { mean: 'mean', deviation: 'SD', nothing: 'no pixel inside' };

describe('numbers on a pane', () => {
  it('have a true minus, and 0 has none', () => {
    expect([figure(-12.34, 1), figure(-0.2), figure(null), figure(7)]).toEqual([
      '−12.3',
      '0',
      '–',
      '7',
    ]);
    expect([signed(3), signed(-3), signed(0.2), signed(-0.2)]).toEqual(['+3', '−3', '0', '0']);
  });
});

describe('the words of a measure', () => {
  it('are millimetres for a ruler', () => {
    const ruler = {
      kind: 'ruler' as const,
      from: [0, 0, 0] as [number, number, number],
      to: [0, 27.8, 0] as [number, number, number],
    };
    expect(measureWords(ruler, null, 'HU', WORDS)).toEqual(['27.8 mm']);
  });

  it('are mean, deviation, ends and area for an ellipse, or that nothing lies in it', () => {
    const ellipse = ellipseBetween([0, 0, 0], [10, 10, 0], [1, 0, 0], [0, 1, 0]);
    const found = {
      mean: -861.62,
      deviation: 80.1,
      lowest: -958,
      highest: -251,
      count: 78,
      areaMm2: 78.54,
    };
    expect(measureWords(ellipse, found, 'HU', WORDS)).toEqual([
      'mean −861.6 HU · SD 80.1',
      '−958 … −251 HU',
      '79 mm²',
    ]);
    expect(measureWords(ellipse, null, 'HU', WORDS)).toEqual(['no pixel inside']);
  });
});
