import { describe, expect, it } from 'vitest';
import { inNumbers, inPerCent, typedList, typedNumber } from './numbers';
import { linePoints } from './rule_chart';

describe('numbers of the rollout console', () => {
  it('are written with the digits that matter', () => {
    expect(inNumbers(4812.4)).toBe('4,812');
    expect(inNumbers(0.1234)).toBe('0.123');
    expect(inNumbers(12.34)).toBe('12.3');
    expect(inPerCent(0.02)).toBe('2 %');
    expect(inPerCent(0.001)).toBe('0.1 %');
  });

  it('are read from what a person typed', () => {
    expect(typedList(' chest, thorax ,,')).toEqual(['chest', 'thorax']);
    expect(typedNumber(' 1.5 ')).toBe(1.5);
    expect(typedNumber('')).toBeNull();
    expect(typedNumber('thin')).toBeNull();
  });

  it('lie in the chart below the bound until it is reached', () => {
    const [low, high] = linePoints([0, 10], 10);
    expect(low?.[1]).toBe(44);
    expect(high?.[1]).toBeCloseTo(44 * (1 - 1 / 1.14));
  });
});
