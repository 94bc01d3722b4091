/** The saved views of the worklist, as data. */
import type { WorklistRow } from '../../api/worklist_documents';

export const WORKLIST_VIEWS = ['ready', 'mine', 'awaiting', 'done'] as const;
export type WorklistView = (typeof WORKLIST_VIEWS)[number];

type Placed = Pick<WorklistRow, 'availability' | 'state'>;

/** Where a row stands for this reader; what may not be known of others stands in no view. */
export function viewOf({ availability, state }: Placed): WorklistView | null {
  switch (availability) {
    case 'AVAILABLE':
      return 'ready';
    case 'MINE':
      return 'mine';
    case 'SIGNED':
      // The server tells the state only when the reader may know how the case ended.
      return state === null ? 'awaiting' : 'done';
    case 'UNAVAILABLE':
      return null;
    default:
      return availability satisfies never;
  }
}

/** The rows of a view, in the server's order: most urgent first. */
export function rowsOf<Row extends Placed>(view: WorklistView, rows: readonly Row[]): Row[] {
  return rows.filter((row) => viewOf(row) === view);
}

/** What "Start reading" opens: what one has begun, else the most urgent that is free. */
export function mostUrgent<Row extends Placed>(rows: readonly Row[]): Row | null {
  return rowsOf('mine', rows)[0] ?? rowsOf('ready', rows)[0] ?? null;
}
