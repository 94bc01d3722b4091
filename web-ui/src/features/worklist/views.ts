/** The saved views of the worklist, as data. */
import type { Availability, CaseRow } from '../../api/types';

export const WORKLIST_VIEWS = ['ready', 'mine', 'signed'] as const;
export type WorklistView = (typeof WORKLIST_VIEWS)[number];

const AVAILABILITY: Record<WorklistView, Availability> = {
  ready: 'AVAILABLE',
  mine: 'MINE',
  signed: 'SIGNED',
};

/** The rows of a view, in the server's order: most urgent first. */
export function rowsOf(view: WorklistView, rows: readonly CaseRow[]): CaseRow[] {
  return rows.filter((row) => row.availability === AVAILABILITY[view]);
}

/** What "Start reading" opens: what one has begun, else the most urgent that is free. */
export function mostUrgent(rows: readonly CaseRow[]): CaseRow | null {
  return rowsOf('mine', rows)[0] ?? rowsOf('ready', rows)[0] ?? null;
}
