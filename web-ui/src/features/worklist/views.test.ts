import { describe, expect, it } from 'vitest';
import type { Availability, CaseState } from '../../api/types';
import { mostUrgent, rowsOf } from './views';

const row = (id: string, availability: Availability, state: CaseState | null = null) => ({
  id,
  availability,
  state,
});

describe('the worklist', () => {
  const rows = [
    row('a', 'AVAILABLE'),
    row('b', 'SIGNED'),
    row('c', 'MINE'),
    row('d', 'AVAILABLE'),
    row('e', 'SIGNED', 'RELEASED'),
    row('f', 'UNAVAILABLE'),
  ];

  it('keeps the order of the server in each view', () => {
    expect(rowsOf('ready', rows).map(({ id }) => id)).toEqual(['a', 'd']);
    expect(rowsOf('mine', rows).map(({ id }) => id)).toEqual(['c']);
  });

  it('parts what was signed by whether its reader may know the end', () => {
    expect(rowsOf('awaiting', rows).map(({ id }) => id)).toEqual(['b']);
    expect(rowsOf('done', rows).map(({ id }) => id)).toEqual(['e']);
  });

  it('starts with what was begun, else with the most urgent that is free', () => {
    expect(mostUrgent(rows)?.id).toBe('c');
    expect(mostUrgent(rows.filter(({ id }) => id !== 'c'))?.id).toBe('a');
    expect(mostUrgent([row('b', 'SIGNED')])).toBeNull();
  });
});
