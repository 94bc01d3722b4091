import { describe, expect, it } from 'vitest';
import { commandOf, KEY_MAP, type Stroke } from './key_map';
import { keepOwnKeys, loadOwnKeys, mapWith, rebind, shownOf } from './own_keys';

const stroke = (key: string, more: Partial<Stroke> = {}): Stroke => ({
  key,
  code: '',
  ctrl: false,
  shift: false,
  ...more,
});

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

describe('keys of one’s own', () => {
  it('take the place of the delivered ones', () => {
    const result = rebind({}, 'wipe', stroke('j'));
    if (result.kind !== 'bound') throw new Error('j is free');
    const map = mapWith(result.own);
    expect(commandOf(stroke('j'), false, map)).toBe('wipe');
    expect(commandOf(stroke('w'), false, map)).toBeNull();
    expect(map.hang.find(({ command }) => command === 'wipe')?.shown).toBe('J');
  });

  it('are refused where the key means something already, delivered or chosen', () => {
    expect(rebind({}, 'wipe', stroke('a'))).toEqual({ kind: 'taken', by: 'accept' });
    expect(rebind({}, 'wipe', stroke('Escape'))).toEqual({ kind: 'taken', by: 'cancel' });
    const own = { flicker: stroke('j') };
    expect(rebind(own, 'wipe', stroke('j'))).toEqual({ kind: 'taken', by: 'flicker' });
    expect(rebind(own, 'wipe', stroke('f')).kind).toBe('bound');
  });

  it('may be set to what they are', () => {
    expect(rebind({}, 'wipe', stroke('w')).kind).toBe('bound');
  });

  it('leave the way out, help, signing and the second key of a chord alone', () => {
    const own = {
      cancel: stroke('j'),
      help: stroke('q'),
      sign: stroke('b'),
      'mark-1': stroke('9'),
    };
    expect(mapWith(own)).toEqual(KEY_MAP);
  });

  it('are kept for one person, and what is stored unsoundly is not taken', () => {
    const store = memory();
    keepOwnKeys('usr_a', { wipe: stroke('j') }, store);
    expect(loadOwnKeys('usr_a', store)).toEqual({ wipe: stroke('j') });
    expect(loadOwnKeys('usr_b', store)).toEqual({});
    store.setItem('countersign.keys.usr_b', '{"no-such-command":{"key":"x"},"wipe":7}');
    expect(loadOwnKeys('usr_b', store)).toEqual({});
    store.setItem('countersign.keys.usr_b', 'not JSON');
    expect(loadOwnKeys('usr_b', store)).toEqual({});
  });

  it('are written as people name them', () => {
    expect(shownOf(stroke('J', { shift: true }))).toBe('Shift J');
    expect(shownOf(stroke('!', { code: 'Digit1', shift: true }))).toBe('Shift 1');
    expect(shownOf(stroke(' ', { ctrl: true }))).toBe('Ctrl Space');
  });
});
