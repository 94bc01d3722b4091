import { describe, expect, it } from 'vitest';
import { changeWords, inMoney, inQuantity, placesOn } from './money';

describe('amounts', () => {
  it('have two decimals below a thousand and none above', () => {
    expect([0, 3.456, -12.5, 999.5, 12_345.6].map(inMoney)).toEqual([
      '0.00',
      '3.46',
      '\u221212.50',
      '999.50',
      '12,346',
    ]);
  });
  it('are never a negative nothing', () => {
    expect(inMoney(-0.001)).toBe('0.00');
  });
  it('of things are whole where the things are', () => {
    expect([3, 0.256, 250.4].map(inQuantity)).toEqual(['3', '0.26', '250']);
  });
  it('are never nothing where there was something', () => {
    expect([0, 0.000_07, 0.01].map(inQuantity)).toEqual(['0', '< 0.01', '0.01']);
  });
});

it('a version is told with who put it in force and why, or with the reason alone', () => {
  const reason = 'the tariff';
  expect(changeWords('version 1', { changedBy: 'Ada', reason })).toBe(
    'version 1 · Ada · the tariff',
  );
  expect(changeWords('version 0', { changedBy: null, reason })).toBe('version 0 · the tariff');
});

describe('bars of a sensitivity', () => {
  it('lie on one line with nothing on it, whichever end is the better one', () => {
    const { zero, bars } = placesOn(100, [
      { atLow: -50, atHigh: 50 },
      { atLow: 25, atHigh: -25 },
    ]);
    expect(zero).toBe(50);
    expect(bars).toEqual([
      { left: 0, width: 100 },
      { left: 25, width: 50 },
    ]);
  });
  it('are seen where nothing changes', () => {
    expect(placesOn(100, [{ atLow: 0, atHigh: 0 }]).bars[0]?.width).toBe(1);
  });
});
