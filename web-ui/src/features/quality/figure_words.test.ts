import { describe, expect, it } from 'vitest';
import { coefficient, duration, percent, shownOf } from './figure_words';

const measured = { value: 0.8, low: 0.6, high: 0.9 };

describe('a figure', () => {
  it('of fewer cases than the minimum shows no value, even if the answer holds one', () => {
    expect(shownOf(measured, 9, 10)).toEqual({ kind: 'too-few' });
    expect(shownOf(null, 4, 10)).toEqual({ kind: 'too-few' });
  });
  it('of enough cases shows its value and interval', () => {
    expect(shownOf(measured, 10, 10)).toEqual({ kind: 'value', value: 0.8, interval: [0.6, 0.9] });
  });
  it('that enough cases do not determine says so', () => {
    expect(shownOf(null, 10, 10)).toEqual({ kind: 'undefined' });
  });
  it('without an interval has none, and not half of one', () => {
    expect(shownOf({ value: 1, low: null, high: 1 }, 12, 10)).toMatchObject({ interval: null });
  });
});

describe('the writing of figures', () => {
  it('gives shares in percent and coefficients to two places', () => {
    expect(percent(0.0416, 'en')).toBe('4.2%');
    expect(coefficient(-0.256, 'en')).toBe('−0.26');
    expect(coefficient(-0.001, 'en')).toBe('0.00');
  });
  it('gives times in their two largest units', () => {
    expect(duration(0, 'en')).toBe('0 sec');
    expect(duration(59.6, 'en')).toBe('1 min');
    expect(duration(250, 'en')).toBe('4 min 10 sec');
    expect(duration(11_520, 'en')).toBe('3 hr 12 min');
    expect(duration(2 * 86_400 + 30, 'en')).toBe('2 days');
  });
});
