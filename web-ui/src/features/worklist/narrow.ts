/** Narrows the worklist by words and by chips; pure. */
import { PRIORITIES } from '../../api/types';
import type { WorklistRow } from '../../api/worklist_documents';
import { urgencyOf } from '../../components/urgency';

/** What a chip narrows to: a field and its value. */
export type Chip =
  | { by: 'overdue' }
  | { by: 'priority' | 'modality' | 'task' | 'stage' | 'scanner'; value: string };

type Narrowed = Pick<
  WorklistRow,
  'study' | 'source' | 'model' | 'stage' | 'priority' | 'escalatesAt' | 'dueAt'
>;

export const keyOf = (chip: Chip): string =>
  chip.by === 'overdue' ? chip.by : `${chip.by} ${chip.value}`;

/** "CT chest". */
export const modalityOf = ({ source }: Pick<Narrowed, 'source'>): string =>
  [source.modality, source.bodyPartExamined.toLowerCase()].filter(Boolean).join(' ');

function has(row: Narrowed, chip: Chip, now: Date): boolean {
  switch (chip.by) {
    case 'overdue':
      return urgencyOf(row, now) === 'overdue';
    case 'priority':
      return row.priority === chip.value;
    case 'modality':
      return modalityOf(row) === chip.value;
    case 'task':
      return row.model.task === chip.value;
    case 'stage':
      return row.stage === chip.value;
    case 'scanner':
      return row.source.manufacturer === chip.value;
    default:
      return chip satisfies never;
  }
}

/** The chips that would part these rows: a field that all rows share offers none. */
export function chipsOf(rows: readonly Narrowed[], now: Date): Chip[] {
  const valuesOf = {
    priority: (row: Narrowed) => row.priority as string,
    modality: modalityOf,
    task: (row: Narrowed) => row.model.task,
    stage: (row: Narrowed) => row.stage as string,
    scanner: (row: Narrowed) => row.source.manufacturer,
  };
  const late = rows.filter((row) => has(row, { by: 'overdue' }, now)).length;
  const chips: Chip[] = late > 0 && late < rows.length ? [{ by: 'overdue' }] : [];
  for (const by of ['priority', 'modality', 'task', 'stage', 'scanner'] as const) {
    const found = [...new Set(rows.map(valuesOf[by]))].filter(Boolean).sort();
    // Priorities by urgency, not by name.
    const values = by === 'priority' ? PRIORITIES.filter((one) => found.includes(one)) : found;
    if (values.length > 1) chips.push(...values.map((value) => ({ by, value })));
  }
  return chips;
}

/** Rows that hold every word, and for each field with chips one of them. */
export function narrowed<Row extends Narrowed>(
  rows: readonly Row[],
  words: string,
  chips: readonly Chip[],
  now: Date,
): Row[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fields = [...new Set(chips.map(({ by }) => by))];
  return rows.filter((row) => {
    const text = textOf(row);
    return (
      wanted.every((word) => text.includes(word)) &&
      fields.every((by) => chips.some((chip) => chip.by === by && has(row, chip, now)))
    );
  });
}

function textOf({ study, source, model }: Narrowed): string {
  const { patient, accessionNumber, studyDescription, studyDate } = study;
  return [
    patient.name.replaceAll(/[\^=]/g, ' '),
    patient.patientId,
    accessionNumber,
    studyDescription,
    studyDate,
    source.seriesDescription,
    modalityOf({ source }),
    source.manufacturer,
    model.name,
  ]
    .join(' ')
    .toLowerCase();
}
