/** What is typed of a pair until it is signed. */
import type { PairAnswer, Preference, SideErrors } from '../../api/comparison_documents';
import { PREFERENCES } from '../../api/comparison_documents';

export const NO_ERRORS: SideErrors = { invented: 0, lost: 0, distorted: 0, worst: null };

export type TypedAnswer = Omit<PairAnswer, 'preference'> & { preference: Preference | null };

export const NOTHING_TYPED: TypedAnswer = { preference: null, a: NO_ERRORS, b: NO_ERRORS };

/** The preference of a key, 1 to 5 from much rather A to much rather B. */
export function preferenceOf(key: string): Preference | null {
  return /^[1-5]$/.test(key) ? (PREFERENCES[Number(key) - 1] ?? null) : null;
}

/** A side with other counts: where nothing is wrong, nothing is worst. */
export function changed(errors: SideErrors, part: Partial<SideErrors>): SideErrors {
  const next = { ...errors, ...part };
  const count = next.invented + next.lost + next.distorted;
  if (count === 0) return { ...next, worst: null };
  return { ...next, worst: next.worst ?? 'MINOR' };
}

/** The answer, once it can be signed. */
export function complete({ preference, a, b }: TypedAnswer): PairAnswer | null {
  return preference ? { preference, a, b } : null;
}
