/** What the ledger's address narrows it to; pure. */
import type { LedgerEntry } from '../../api/types';

export interface LedgerSearch {
  /** An id that entries mention. */
  subject?: string;
  /** A printed name, a service or a device. */
  person?: string;
  /** Local times, as a `datetime-local` field has them. */
  from?: string;
  to?: string;
}

const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;

export function ledgerSearch(search: Record<string, unknown>): LedgerSearch {
  const text = (name: 'subject' | 'person') => {
    const value = search[name];
    return typeof value === 'string' && value ? { [name]: value } : {};
  };
  const time = (name: 'from' | 'to') => {
    const value = search[name];
    const isTime = typeof value === 'string' && LOCAL_TIME.test(value);
    return isTime && !Number.isNaN(new Date(value).getTime()) ? { [name]: value } : {};
  };
  return { ...text('subject'), ...text('person'), ...time('from'), ...time('to') };
}

/** The last moment of the minute that a field names, ms. */
export const endOfMinute = (local: string): number => new Date(local).getTime() + 59_999;

/** Entries by a person since a time. */
export function entriesOf(
  entries: readonly LedgerEntry[],
  { person, from }: LedgerSearch,
): LedgerEntry[] {
  const start = from ? new Date(from).getTime() : Number.NEGATIVE_INFINITY;
  return entries.filter(
    ({ actor, recordedAt }) =>
      (!person || actor === person) && new Date(recordedAt).getTime() >= start,
  );
}

/** Whether all that lies further back is before the wanted time. */
export function isBehind(entries: readonly LedgerEntry[], { from }: LedgerSearch): boolean {
  const oldest = entries.at(-1);
  return !!from && !!oldest && new Date(oldest.recordedAt).getTime() < new Date(from).getTime();
}
