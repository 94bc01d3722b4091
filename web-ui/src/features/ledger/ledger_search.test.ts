import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../api/types';
import { endOfMinute, entriesOf, isBehind, ledgerSearch } from './ledger_search';

const entry = (index: number, actor: string, time: string) =>
  ({ index, actor, recordedAt: new Date(time).toISOString() }) as LedgerEntry;
const entries = [
  entry(2, 'Demo Quality', '2026-05-01T12:00:30'),
  entry(1, 'service:review', '2026-05-01T11:59:00'),
  entry(0, 'Demo Quality', '2026-05-01T11:00:00'),
];
const found = (search: Parameters<typeof entriesOf>[1]) =>
  entriesOf(entries, search).map(({ index }) => index);

describe('the search of the ledger', () => {
  it('takes from an address what makes sense, and nothing else', () => {
    expect(
      ledgerSearch({ subject: 'case_a', person: '', from: 'yesterday', to: '2026-05-01T12:00' }),
    ).toEqual({ subject: 'case_a', to: '2026-05-01T12:00' });
  });
  it('finds entries by who and since when', () => {
    expect(found({ person: 'Demo Quality' })).toEqual([2, 0]);
    expect(found({ from: '2026-05-01T11:30' })).toEqual([2, 1]);
    expect(found({ person: 'Demo Quality', from: '2026-05-01T11:30' })).toEqual([2]);
  });
  it('stops where everything further back is too old', () => {
    expect(isBehind(entries, { from: '2026-05-01T11:30' })).toBe(true);
    expect(isBehind(entries, { from: '2026-05-01T10:30' })).toBe(false);
    expect(isBehind([], { from: '2026-05-01T10:30' })).toBe(false);
  });
  it('counts the whole of the last minute', () => {
    expect(endOfMinute('2026-05-01T12:00')).toBeGreaterThan(
      new Date('2026-05-01T12:00:30').getTime(),
    );
  });
});
