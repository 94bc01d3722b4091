/** Questions and acts about what the ledger keeps of people. */
import { document } from './client';
import type { Refusal } from './types';

export type ErasureState = 'PROPOSED' | 'DECLINED' | 'APPROVED' | 'COMPLETED';
export interface Erasure {
  id: string;
  /** Whose name; null where it is of entries. */
  username: string | null;
  entries: number[];
  reason: string;
  state: ErasureState;
  /** Null where the rule of how long content is kept wants it. */
  proposedBy: string | null;
  proposedAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
  before: number;
  erased: number;
}
interface Outcome {
  erasure: { id: string } | null;
  refusal: Refusal | null;
}

const REFUSAL = 'refusal { code message remedy }';

export const erasuresQuery = document<{ erasures: Erasure[] }>(
  `query Erasures { erasures { id username entries reason state proposedBy proposedAt decidedBy decidedAt
    before erased } }`,
);
export const proposeErasureMutation = document<
  { proposeErasure: Outcome },
  { input: { username: string | null; entries: number[] | null; reason: string } }
>(
  `mutation ProposeErasure($input: ProposeErasureInput!) {
    proposeErasure(input: $input) { erasure { id } ${REFUSAL} } }`,
);
export const approveErasureMutation = document<
  { approveErasure: Outcome },
  { input: { erasureId: string } }
>(
  `mutation ApproveErasure($input: ApproveErasureInput!) {
    approveErasure(input: $input) { erasure { id } ${REFUSAL} } }`,
);
export const declineErasureMutation = document<
  { declineErasure: Outcome },
  { input: { erasureId: string } }
>(
  `mutation DeclineErasure($input: DeclineErasureInput!) {
    declineErasure(input: $input) { erasure { id } ${REFUSAL} } }`,
);
