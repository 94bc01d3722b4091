/** The case that a person signed last on this page: the way back to it after the next one opened. */

type Store = Pick<Storage, 'getItem' | 'setItem'>;

const nameOf = (userId: string) => `countersign.last-signed.${userId}`;

export interface LastSigned {
  caseId: string;
  /** Until when the read may be taken back; null where it was final at once. */
  withdrawUntil: string | null;
}

export function keepLastSigned(
  userId: string,
  signed: LastSigned,
  store: Store = sessionStorage,
): void {
  store.setItem(nameOf(userId), JSON.stringify(signed));
}

/** Null where nothing was signed since the page was opened, or nothing sound is stored. */
export function lastSignedOf(userId: string, store: Store = sessionStorage): LastSigned | null {
  try {
    const { caseId, withdrawUntil } = JSON.parse(store.getItem(nameOf(userId)) ?? '{}');
    if (typeof caseId !== 'string') return null;
    return { caseId, withdrawUntil: typeof withdrawUntil === 'string' ? withdrawUntil : null };
  } catch {
    return null;
  }
}
