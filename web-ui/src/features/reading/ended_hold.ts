/** How a hold ended, as the server calls it, and what a reader can do then; pure. */

export const HOLD_ENDS = [
  'expired',
  'given_back',
  'held',
  'superseded',
  'deferred',
  'revoked',
  'case_expired',
] as const;
export type HoldEnd = (typeof HOLD_ENDS)[number];

/** A known end; one that this page does not know reads as a revoked hold: ended by somebody else. */
export const holdEndOf = (code: string): HoldEnd =>
  HOLD_ENDS.find((known) => known === code) ?? 'revoked';

/** Whether taking the case again may succeed. */
export const mayOpenAgain = (end: HoldEnd) => end === 'expired' || end === 'given_back';
