/** Teaching sets: copies of the images of discussed cases, without whose they are. */
import { document } from './client';
import type { Refusal } from './types';

export type TeachingSetState = 'PREPARING' | 'REFUSED' | 'PREPARED' | 'RELEASED' | 'WITHDRAWN';

export interface TeachingSet {
  id: string;
  state: TeachingSetState;
  /** What stands in its images instead of the patient's name. */
  code: string;
  /** Digest over its files, once it is made. */
  content: string | null;
  /** Images of each of its two series. */
  slices: number;
  /** Images of both that are done, while it is being made. */
  imagesDone: number;
  /** Why it can't be made. */
  refusal: Refusal | null;
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
    id state code content slices imagesDone refusal { code message remedy } preparedBy preparedAt releasedBy releasedAt withdrawnBy withdrawnAt
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
