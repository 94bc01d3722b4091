/** Teaching sets: copies of the images of discussed cases, without whose they are. */
import { document } from './client';
import type { Refusal } from './types';

export type TeachingSetState = 'PREPARED' | 'RELEASED' | 'WITHDRAWN';

export interface TeachingSet {
  id: string;
  state: TeachingSetState;
  /** What stands in its images instead of the patient's name. */
  code: string;
  /** Digest over its files. */
  content: string;
  /** Images of each of its two series. */
  slices: number;
  preparedBy: string;
  preparedAt: string;
  releasedBy: string | null;
  releasedAt: string | null;
  withdrawnBy: string | null;
  withdrawnAt: string | null;
  withdrawalReason: string | null;
}

interface Outcome {
  teachingSet: { id: string } | null;
  refusal: Refusal | null;
}

const OUTCOME = 'teachingSet { id } refusal { code message remedy }';

export const teachingSetsQuery = document<
  { teachingSets: TeachingSet[] },
  { discussionId: string }
>(
  `query TeachingSets($discussionId: ID!) { teachingSets(discussionId: $discussionId) {
    id state code content slices preparedBy preparedAt releasedBy releasedAt withdrawnBy withdrawnAt
    withdrawalReason } }`,
);
export const prepareTeachingSetMutation = document<
  { prepareTeachingSet: Outcome },
  { input: { discussionId: string } }
>(
  `mutation PrepareTeachingSet($input: PrepareTeachingSetInput!) {
    prepareTeachingSet(input: $input) { ${OUTCOME} } }`,
);
export const releaseTeachingSetMutation = document<
  { releaseTeachingSet: Outcome },
  { input: { teachingSetId: string; content: string; seen: number } }
>(
  `mutation ReleaseTeachingSet($input: ReleaseTeachingSetInput!) {
    releaseTeachingSet(input: $input) { ${OUTCOME} } }`,
);
export const withdrawTeachingSetMutation = document<
  { withdrawTeachingSet: Outcome },
  { input: { teachingSetId: string; reason: string } }
>(
  `mutation WithdrawTeachingSet($input: WithdrawTeachingSetInput!) {
    withdrawTeachingSet(input: $input) { ${OUTCOME} } }`,
);
