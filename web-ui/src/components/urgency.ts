/** How near a deadline is; pure. */

export type Urgency = 'overdue' | 'soon' | 'later';

interface Deadline {
  /** From when on its time is running out, as the server says. */
  escalatesAt: string;
  dueAt: string;
}

export function urgencyOf({ escalatesAt, dueAt }: Deadline, now: Date): Urgency {
  if (now >= new Date(dueAt)) return 'overdue';
  return now >= new Date(escalatesAt) ? 'soon' : 'later';
}
