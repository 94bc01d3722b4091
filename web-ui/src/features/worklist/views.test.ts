import { describe, expect, it } from 'vitest';
import type { Availability } from '../../api/types';
import { mostUrgent, rowsOf } from './views';

const row = (id: string, availability: Availability) => ({ id, availability });

describe('the worklist', () => {
  const rows = [row('a', 'AVAILABLE'), row('b', 'SIGNED'), row('c', 'MINE'), row('d', 'AVAILABLE')];

  it('keeps the order of the server in each view', () => {
    expect(rowsOf('ready', rows).map(({ id }) => id)).toEqual(['a', 'd']);
    expect(rowsOf('mine', rows).map(({ id }) => id)).toEqual(['c']);
  });

  it('starts with what was begun, else with the most urgent that is free', () => {
    expect(mostUrgent(rows)?.id).toBe('c');
    expect(mostUrgent(rows.filter(({ id }) => id !== 'c'))?.id).toBe('a');
    expect(mostUrgent([row('b', 'SIGNED')])).toBeNull();
  });
});
