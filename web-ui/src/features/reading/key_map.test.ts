import { describe, expect, it } from 'vitest';
import { en } from '../../i18n/en';
import { commandOf, KEY_MAP, type Stroke } from './key_map';

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  code: '',
  ctrl: false,
  shift: false,
  ...more,
});
const digit = (number: number, more: Partial<Stroke> = {}) =>
  stroke(String(number), { code: `Digit${number}`, ...more });

describe('the keys of the reading room', () => {
  it('take digits as windows, and after M as kinds of findings', () => {
    expect(commandOf(digit(2), false)).toBe('preset-2');
    expect(commandOf(digit(2), true)).toBe('mark-2');
    expect(commandOf(digit(6), false)).toBeNull();
    expect(commandOf(digit(6), true)).toBe('mark-6');
  });

  it('take digits with Shift as dispositions, whatever the layout writes', () => {
    expect(commandOf(stroke('!', { code: 'Digit1', shift: true }), false)).toBe('dispose-1');
    expect(commandOf(stroke('"', { code: 'Digit2', shift: true }), false)).toBe('dispose-2');
  });

  it('give verdicts by letters, cannot judge by K, and help by the question mark', () => {
    expect(['a', 'C', 'x', 'K'].map((key) => commandOf(stroke(key), false))).toEqual([
      'accept',
      'limitation',
      'reject',
      'cannot-judge',
    ]);
    expect(commandOf(stroke('?', { shift: true }), false)).toBe('help');
  });

  it('sign only with Ctrl', () => {
    expect(commandOf(stroke('Enter'), false)).toBeNull();
    expect(commandOf(stroke('Enter', { ctrl: true }), false)).toBe('sign');
    expect(commandOf(stroke('a', { ctrl: true }), false)).toBeNull();
  });

  it('tell N from Shift N and undo from redo', () => {
    expect(commandOf(stroke('n'), false)).toBe('next-region');
    expect(commandOf(stroke('N', { shift: true }), false)).toBe('previous-region');
    expect(commandOf(stroke('z', { ctrl: true }), false)).toBe('undo');
    expect(commandOf(stroke('Z', { ctrl: true, shift: true }), false)).toBe('redo');
  });

  it('have one meaning each and a word each', () => {
    const bindings = Object.values(KEY_MAP).flat();
    expect(new Set(bindings.map(({ shown }) => shown)).size).toBe(bindings.length);
    for (const { command } of bindings) expect(en.keys.command[command]).toBeTruthy();
  });
});
