import { describe, expect, it } from 'vitest';
import type { Availability, Stage } from '../../api/types';
import { mostUrgent, rowsOf } from './views';

const row = (id: string, availability: Availability, stage: Stage = 'GENERAL') => ({
  id,
  availability,
  stage,
});

describe('the worklist', () => {
  const rows = [row('a', 'AVAILABLE'), row('b', 'SIGNED'), row('c', 'MINE'), row('d', 'AVAILABLE')];

  it('keeps the order of the server in each view', () => {
    expect(rowsOf('ready', rows).map(({ id }) => id)).toEqual(['a', 'd']);
    expect(rowsOf('mine', rows).map(({ id }) => id)).toEqual(['c']);
  });

  it('keeps evaluations at shadow apart from patients, also those one has begun', () => {
    const mixed = [...rows, row('e', 'AVAILABLE', 'SHADOW'), row('f', 'MINE', 'SHADOW')];
    expect(rowsOf('ready', mixed)).toEqual(rowsOf('ready', rows));
    expect(rowsOf('mine', mixed)).toEqual(rowsOf('mine', rows));
    const evaluations = rowsOf('evaluation', mixed);
    expect(evaluations.map(({ id }) => id)).toEqual(['e', 'f']);
    expect(mostUrgent(evaluations)?.id).toBe('f');
  });

  it('starts with what was begun, else with the most urgent that is free', () => {
    expect(mostUrgent(rows)?.id).toBe('c');
    expect(mostUrgent(rows.filter(({ id }) => id !== 'c'))?.id).toBe('a');
    expect(mostUrgent([row('b', 'SIGNED')])).toBeNull();
  });
});
