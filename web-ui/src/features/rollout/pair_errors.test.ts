import { describe, expect, it } from 'vitest';
import type { PairErrors, ReadPair } from '../../api/comparison_documents';
import { NO_ERRORS } from '../compare/answer';
import { countErrors, pairsWith } from './pair_errors';

const pair = (id: string, errors: PairErrors | null): ReadPair => ({
  pair: id,
  championCase: `${id} champion`,
  challengerCase: `${id} challenger`,
  outcome: 'NEITHER',
  errors,
});
const lost = { ...NO_ERRORS, lost: 2, worst: 'MAJOR' } as const;
const read = [
  pair('one', { champion: [NO_ERRORS, lost], challenger: [lost, lost] }),
  pair('other', { champion: [NO_ERRORS], challenger: [lost] }),
  pair('hidden', null),
];

describe('errors of a comparison', () => {
  it('are counted over all readers, for the model that made them', () => {
    expect(countErrors(read, { contender: 'challenger', kind: 'LOST' })).toBe(6);
    expect(countErrors(read, { contender: 'champion', kind: 'LOST' })).toBe(2);
    expect(countErrors(read, { contender: 'champion', kind: 'INVENTED' })).toBe(0);
  });

  it('lead to the pairs that have them', () => {
    const behind = pairsWith(read, { contender: 'champion', kind: 'LOST' });
    expect(behind.map(({ pair }) => pair)).toEqual(['one']);
  });
});
