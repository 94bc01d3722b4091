/** What a reader's list asks for. */
import { document } from './client';
import type { CaseRow, Page, Purpose } from './types';

/** A row of a reader's list, with what is the reader's own. */
export interface WorklistRow extends CaseRow {
  expiresAt: string;
  model: CaseRow['model'] & { task: string };
  /** Acquired series of earlier studies of the patient. */
  priorCount: number;
  draft: { savedAt: string } | null;
}

export const readersListQuery = document<
  { worklist: Page<WorklistRow> },
  { purpose: Purpose; first: number; after: string | null }
>(
  `query ReadersList($purpose: Purpose!, $first: Int, $after: String) {
    worklist(purpose: $purpose, first: $first, after: $after) { nodes {
    id availability state stage isModelHidden priority queuedAt escalatesAt dueAt expiresAt
    study { id studyInstanceUid studyDate studyTime accessionNumber studyDescription
      patient { name patientId birthDate sex } }
    source { modality bodyPartExamined seriesDescription manufacturer sliceThicknessMm }
    model { id name version task uncertaintyRange unit } deployment { id name banner }
    scores { domain consistency agreement } regions { index halfWidthMax } priorCount
    draft { savedAt } }
    pageInfo { hasNextPage endCursor } } }`,
);
