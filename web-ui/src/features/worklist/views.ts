/** The saved views of the worklist, as data. */
import type { WorklistRow } from '../../api/worklist_documents';

export const WORKLIST_VIEWS = ['ready', 'mine', 'evaluation'] as const;
export type WorklistView = (typeof WORKLIST_VIEWS)[number];

type Placed = Pick<WorklistRow, 'availability' | 'stage'>;

/** A case at shadow is read as evidence about a model and stands in a view of its own. */
const isEvaluation = (row: Placed) => row.stage === 'SHADOW';

function isIn(view: WorklistView, row: Placed): boolean {
  switch (view) {
    case 'ready':
      return row.availability === 'AVAILABLE' && !isEvaluation(row);
    case 'mine':
      return row.availability === 'MINE' && !isEvaluation(row);
    case 'evaluation':
      return isEvaluation(row);
    default:
      return view satisfies never;
  }
}

/** The rows of a view, in the server's order: most urgent first. */
export function rowsOf<Row extends Placed>(view: WorklistView, rows: readonly Row[]): Row[] {
  return rows.filter((row) => isIn(view, row));
}

/** What "Start reading" opens: what one has begun, else the most urgent that is free. */
export function mostUrgent<Row extends Placed>(rows: readonly Row[]): Row | null {
  const begun = rows.find(({ availability }) => availability === 'MINE');
  return begun ?? rows.find(({ availability }) => availability === 'AVAILABLE') ?? null;
}
