/** What the ledger's address narrows it to; pure. */
import type { LedgerWanted } from '../../api/documents';

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

/** Services and devices are told by what they are, as `service:review`; a person by a name alone. */
const isPerson = (name: string) =>
  !name.includes(':') && name !== 'operator' && name !== 'anonymous';

/** What the server is asked for. A patient's number is given beside the address, where it would stay in the history. */
export function wantedOf(
  { subject, person, from, to }: LedgerSearch,
  patient: string,
): LedgerWanted {
  return {
    subject: subject ?? null,
    patient: patient || null,
    person: person && isPerson(person) ? person : null,
    since: from ? new Date(from).toISOString() : null,
    until: to ? new Date(endOfMinute(to)).toISOString() : null,
  };
}

/** The last moment of the minute that a field names, ms. */
const endOfMinute = (local: string): number => new Date(local).getTime() + 59_999;

/** The service or device whose entries are picked out of those that came: no id of it stands in them to search by. */
export const pickedActor = ({ person }: LedgerSearch): string | null =>
  person && !isPerson(person) ? person : null;
