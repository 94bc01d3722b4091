import { describe, expect, it } from 'vitest';
import {
  type Advance,
  type AdvanceEvent,
  advanceAfter,
  advancesByItself,
  answerOf,
  keepAdvancing,
  MOMENT_MS,
} from './advance';

const following = (...events: AdvanceEvent[]): Advance =>
  events.reduce<Advance>(advanceAfter, { kind: 'asking' });
const listed = (next: string | null): AdvanceEvent => ({ kind: 'listed', next });
const passed = (ms: number): AdvanceEvent => ({ kind: 'passed', ms });

describe('the next case', () => {
  it('is counted down to from the moment that the list names it', () => {
    expect(following(passed(9_000))).toEqual({ kind: 'asking' });
    expect(following(listed('case_b'), passed(1_000))).toEqual({
      kind: 'counting',
      next: 'case_b',
      leftMs: MOMENT_MS - 1_000,
    });
    expect(following(listed('case_b'), passed(9_000))).toMatchObject({ leftMs: 0 });
  });

  it('keeps its countdown when the list says the same again, and has a new one when it is another', () => {
    const again = following(listed('case_b'), passed(1_000), listed('case_b'));
    expect(again).toMatchObject({ next: 'case_b', leftMs: MOMENT_MS - 1_000 });
    const other = following(listed('case_b'), passed(1_000), listed('case_c'));
    expect(other).toMatchObject({ next: 'case_c', leftMs: MOMENT_MS });
  });

  it('never comes by itself after the reader stayed, whatever the list says', () => {
    expect(
      following(listed('case_b'), { kind: 'stayed' }, listed('case_c'), passed(9_000)),
    ).toEqual({
      kind: 'stays',
    });
  });

  it('never comes by itself where nothing waited at first: who knows who sits there by then', () => {
    expect(following(listed(null), listed('case_b'))).toEqual({ kind: 'stays' });
  });
});

describe('a key while the moment runs', () => {
  it('goes on with Enter and stays with any other', () => {
    expect(answerOf('Enter', false)).toBe('go');
    expect(['Escape', 'ArrowDown', 'a', 'Tab', ' '].map((key) => answerOf(key, false))).toEqual(
      Array(5).fill('stay'),
    );
  });

  it('says nothing while it is still held, or as half of a stroke', () => {
    expect(answerOf('Enter', true)).toBeNull();
    expect(answerOf('Control', false)).toBeNull();
  });
});

describe('whether the next case comes by itself', () => {
  it('is so until a person says no, and so for them alone', () => {
    const kept = new Map<string, string>();
    const store = {
      getItem: (name: string) => kept.get(name) ?? null,
      setItem: (name: string, value: string) => void kept.set(name, value),
    };
    expect(advancesByItself('usr_a', store)).toBe(true);
    keepAdvancing('usr_a', false, store);
    expect(advancesByItself('usr_a', store)).toBe(false);
    expect(advancesByItself('usr_b', store)).toBe(true);
    keepAdvancing('usr_a', true, store);
    expect(advancesByItself('usr_a', store)).toBe(true);
  });
});
