/** The saved views of the worklist, as data. */
import type { WorklistRow } from '../../api/worklist_documents';

export const WORKLIST_VIEWS = ['ready', 'mine'] as const;
export type WorklistView = (typeof WORKLIST_VIEWS)[number];

type Placed = Pick<WorklistRow, 'availability'>;

const AVAILABILITY = { ready: 'AVAILABLE', mine: 'MINE' } as const;

/** The rows of a view, in the server's order: most urgent first. */
export function rowsOf<Row extends Placed>(view: WorklistView, rows: readonly Row[]): Row[] {
  return rows.filter((row) => row.availability === AVAILABILITY[view]);
}

/** What "Start reading" opens: what one has begun, else the most urgent that is free. */
export function mostUrgent<Row extends Placed>(rows: readonly Row[]): Row | null {
  return rowsOf('mine', rows)[0] ?? rowsOf('ready', rows)[0] ?? null;
}
