/** How many reads a person has signed on this machine: for themselves, kept nowhere else. */

const DAY_MS = 24 * 60 * 60 * 1000;
const WEEK_DAYS = 7;
const nameOf = (userId: string) => `countersign.signed.${userId}`;

type Store = Pick<Storage, 'getItem' | 'setItem'>;

function timesOf(userId: string, store: Store): number[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(nameOf(userId)) ?? '[]');
    return Array.isArray(kept) ? kept.filter((time) => typeof time === 'number') : [];
  } catch {
    return [];
  }
}

/** Counts one more; what is older than a week is forgotten. */
export function countSigned(
  userId: string,
  now: number = Date.now(),
  store: Store = localStorage,
): void {
  const times = timesOf(userId, store).filter((time) => time > now - WEEK_DAYS * DAY_MS);
  store.setItem(nameOf(userId), JSON.stringify([...times, now]));
}

/** Since midnight, and in the last seven days. */
export function tallyOf(userId: string, now: Date = new Date(), store: Store = localStorage) {
  const times = timesOf(userId, store);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  return {
    today: times.filter((time) => time >= midnight).length,
    week: times.filter((time) => time > now.getTime() - WEEK_DAYS * DAY_MS).length,
  };
}
