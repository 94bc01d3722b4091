/** How near a deadline is; pure. */

export type Urgency = 'overdue' | 'soon' | 'later';

const SOON_MS = 60 * 60_000;

export function urgencyOf(due: Date, now: Date): Urgency {
  const left = due.getTime() - now.getTime();
  if (left <= 0) return 'overdue';
  return left <= SOON_MS ? 'soon' : 'later';
}
