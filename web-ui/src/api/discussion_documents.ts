/** Discussions of cases that are over. The server has cut them to what the viewer may see. */
import { document } from './client';
import { READ, REFUSAL } from './fragments';
import type { CaseState, FigureGroup, Page, Read, Refusal } from './types';

export const DISCUSSION_KINDS = [
  'DISCREPANCY',
  'GOOD_CATCH',
  'MODEL_ERROR',
  'TECHNICAL',
  'OTHER',
] as const;
export type DiscussionKind = (typeof DISCUSSION_KINDS)[number];
/** As what somebody speaks, to the viewer. */
export type DiscussionVoice = 'OWN' | 'READER' | 'QUALITY';
export type DiscussionAudience = 'READERS' | 'READERS_LATER' | 'QUALITY';
/** RADPEER's scores, in its order. */
export const SCORES = ['ONE', 'TWO_A', 'TWO_B', 'THREE_A', 'THREE_B'] as const;
export type Radpeer = (typeof SCORES)[number];

export interface DiscussionContribution {
  number: number;
  voice: DiscussionVoice;
  /** For quality only, as every name here. */
  by: string | null;
  words: string;
  at: string;
}

export interface Discussion {
  id: string;
  caseId: string;
  kind: DiscussionKind;
  question: string;
  voice: DiscussionVoice;
  openedBy: string | null;
  openedAt: string;
  contributions: DiscussionContribution[];
  /** Null while it is open. */
  learningPoint: string | null;
  closedBy: string | null;
  closedAt: string | null;
  audience: DiscussionAudience | null;
  mayScore: boolean;
  mayClose: boolean;
  ownScore: Radpeer | null;
}

/** The case of a discussion as the viewer may see it. */
export interface DiscussedCase {
  id: string;
  state: CaseState | null;
  model: { name: string; version: string };
  deployment: { name: string };
  myRead: Read | null;
  reads: Read[];
}

export interface ScoreFigure {
  group: FigureGroup;
  cases: number;
  /** Null where the group is too small to be shown. */
  counts: { score: Radpeer; count: number }[] | null;
}
export interface ReadingScores {
  figures: ScoreFigure[];
  minimum: number;
  definitions: { name: string; text: string }[];
}

interface Outcome {
  discussion: { id: string } | null;
  refusal: Refusal | null;
}

const DISCUSSION = `id caseId kind question voice openedBy openedAt learningPoint closedBy closedAt
  audience mayScore mayClose ownScore contributions { number voice by words at }`;

export const discussionsQuery = document<
  { discussions: Page<Discussion> },
  { first: number; after: string | null }
>(
  `query Discussions($first: Int, $after: String) { discussions(first: $first, after: $after) {
    nodes { ${DISCUSSION} } pageInfo { hasNextPage endCursor } } }`,
);
export const discussionQuery = document<{ discussion: Discussion | null }, { id: string }>(
  `query Discussion($id: ID!) { discussion(id: $id) { ${DISCUSSION} } }`,
);
export const discussedCaseQuery = document<{ case: DiscussedCase | null }, { id: string }>(
  `query DiscussedCase($id: ID!) { case(id: $id) { id state model { name version }
    deployment { name } myRead { ${READ} } reads { ${READ} } } }`,
);
export const readingScoresQuery = document<
  { readingScores: ReadingScores },
  { from: string; to: string }
>(
  `query ReadingScores($from: DateTime!, $to: DateTime!) { readingScores(from: $from, to: $to) {
    minimum definitions { name text }
    figures { group { by key label } cases counts { score count } } } }`,
);
export const openDiscussionMutation = document<
  { openDiscussion: Outcome },
  { input: { caseId: string; kind: DiscussionKind; question: string } }
>(
  `mutation OpenDiscussion($input: OpenDiscussionInput!) {
    openDiscussion(input: $input) { discussion { id } ${REFUSAL} } }`,
);
export const contributeMutation = document<
  { contributeToDiscussion: Outcome },
  { input: { discussionId: string; words: string } }
>(
  `mutation ContributeToDiscussion($input: ContributeToDiscussionInput!) {
    contributeToDiscussion(input: $input) { discussion { id } ${REFUSAL} } }`,
);
export const scoreReadingMutation = document<
  { scoreReading: Outcome },
  { input: { discussionId: string; score: Radpeer } }
>(
  `mutation ScoreReading($input: ScoreReadingInput!) {
    scoreReading(input: $input) { discussion { id } ${REFUSAL} } }`,
);
export const closeDiscussionMutation = document<
  { closeDiscussion: Outcome },
  { input: { discussionId: string; learningPoint: string } }
>(
  `mutation CloseDiscussion($input: CloseDiscussionInput!) {
    closeDiscussion(input: $input) { discussion { id } ${REFUSAL} } }`,
);
