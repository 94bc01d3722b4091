/** The public key that this person trusts, kept on this machine: a server never gives it. */
const STORAGE_KEY = 'countersign.ledger-key';

export const trustedKey = (): string => localStorage.getItem(STORAGE_KEY) ?? '';

export function trustKey(key: string): void {
  localStorage.setItem(STORAGE_KEY, key.trim());
}
