/** What destinations are told about a release that is taken back, and what they show of it since. */
import { document } from './client';
import type { Refusal } from './types';

export type RejectionNoteState = 'QUEUED' | 'FOLLOWING' | 'CLOSED';
export type RejectionNoteClosure = 'NOTHING_SENT' | 'GONE' | 'BY_HAND';

export interface RejectionNote {
  id: string;
  destination: string;
  state: RejectionNoteState;
  /** Document title, CID 7011. */
  titleCode: string;
  objects: number;
  /** Null when the destination can't be asked. */
  objectsShown: number | null;
  /** Whether the destination ever showed one: only then does an empty answer prove anything. */
  provable: boolean;
  nextLookAt: string | null;
  lastError: string | null;
  openedAt: string;
  sentAt: string | null;
  lookedAt: string | null;
  closedAt: string | null;
  closure: RejectionNoteClosure | null;
  closedBy: string | null;
  closingWords: string | null;
}

export const REJECTION_NOTE = `id destination state titleCode objects objectsShown provable nextLookAt
  lastError openedAt sentAt lookedAt closedAt closure closedBy closingWords`;

export const closeRejectionNoteMutation = document<
  { closeRejectionNote: { note: { id: string } | null; refusal: Refusal | null } },
  { input: { noteId: string; reason: string } }
>(
  `mutation CloseRejectionNote($input: CloseRejectionNoteInput!) {
    closeRejectionNote(input: $input) { note { id } refusal { code message remedy } } }`,
);
