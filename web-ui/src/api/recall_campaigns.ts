/** Recalls of whole selections: everything that a version, a deployment or a span of time released. */
import { document } from './client';
import type { Refused } from './documents';
import type { Stage } from './types';

export type RecallCampaignState = 'PROPOSED' | 'UNDER_WAY' | 'COMPLETED' | 'WITHDRAWN';
export type SelectedState = 'NAMED' | 'RELEASED_SINCE' | 'WAITING' | 'RECALLED' | 'LEFT';

/** Each criterion that is given must hold; times are ISO 8601 instants, both included. */
export interface RecallSelection {
  modelId: string | null;
  deploymentId: string | null;
  from: string | null;
  until: string | null;
}

/** An act on a selection is an act on exactly this set. */
export interface SelectedSet {
  cases: number;
  digest: string;
}

interface VersionName {
  id: string;
  name: string;
  version: string;
}
interface DeploymentName {
  id: string;
  name: string;
  stage: Stage;
}

export interface SelectedCase {
  caseId: string;
  releasedAt: string;
  state: SelectedState;
  reasonCode: string | null;
  deployment: DeploymentName;
  model: VersionName;
}

export interface SelectedDeployment {
  deployment: DeploymentName;
  model: VersionName;
  released: number;
  recalled: number;
  recallProposed: number;
}

export interface RecallDestination {
  destination: string;
  sends: number;
  /** Sends of which the destination has taken at least one object. */
  withObjects: number;
  notesQueued: number;
  notesFollowing: number;
  gone: number;
  nothingSent: number;
  closedByHand: number;
}

export interface RecallPreview {
  resolvedAt: string;
  released: number;
  recalled: number;
  recallProposed: number;
  set: SelectedSet;
  deployments: SelectedDeployment[];
  destinations: RecallDestination[];
}

export interface RecallCampaign {
  id: string;
  state: RecallCampaignState;
  reason: string;
  model: VersionName | null;
  deployment: DeploymentName | null;
  from: string | null;
  until: string | null;
  proposedBy: string;
  proposedAt: string;
  named: number;
  now: { set: SelectedSet; releasedSince: number; noLonger: number } | null;
  confirmedBy: string | null;
  confirmedAt: string | null;
  confirmed: number | null;
  withdrawnBy: string | null;
  withdrawnAt: string | null;
  withdrawal: string | null;
  completedAt: string | null;
  waiting: number;
  recalled: number;
  left: number;
}

export interface Cases {
  nodes: SelectedCase[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

const REFUSAL = 'refusal { code message remedy }';
const PAGE = 'pageInfo { hasNextPage endCursor }';
const NAMES = 'deployment { id name stage } model { id name version }';
const CASES = `nodes { caseId releasedAt state reasonCode ${NAMES} } ${PAGE}`;
const DESTINATION = `destination sends withObjects notesQueued notesFollowing gone nothingSent
  closedByHand`;
const CAMPAIGN = `id state reason ${NAMES} from until proposedBy proposedAt named
  now { set { cases digest } releasedSince noLonger } confirmedBy confirmedAt confirmed
  withdrawnBy withdrawnAt withdrawal completedAt waiting recalled left`;

export const recallPreviewQuery = document<
  { recallPreview: RecallPreview },
  { selection: RecallSelection }
>(
  `query RecallPreview($selection: RecallSelectionInput!) { recallPreview(selection: $selection) {
    resolvedAt released recalled recallProposed set { cases digest }
    deployments { ${NAMES} released recalled recallProposed } destinations { ${DESTINATION} } } }`,
);

export const recallPreviewCasesQuery = document<
  { recallPreview: { cases: Cases } },
  { selection: RecallSelection; first: number; after: string | null }
>(
  `query RecallPreviewCases($selection: RecallSelectionInput!, $first: Int, $after: String) {
    recallPreview(selection: $selection) { cases(first: $first, after: $after) { ${CASES} } } }`,
);

export const recallCampaignsQuery = document<
  {
    recallCampaigns: {
      nodes: RecallCampaign[];
      pageInfo: { hasNextPage: boolean; endCursor: string | null };
    };
  },
  { first: number; after: string | null }
>(
  `query RecallCampaigns($first: Int, $after: String) {
    recallCampaigns(first: $first, after: $after) { nodes { ${CAMPAIGN} } ${PAGE} } }`,
);

export const recallCampaignQuery = document<
  { recallCampaign: (RecallCampaign & { destinations: RecallDestination[] }) | null },
  { id: string }
>(
  `query RecallCampaign($id: ID!) { recallCampaign(id: $id) {
    ${CAMPAIGN} destinations { ${DESTINATION} } } }`,
);

export const recallCampaignCasesQuery = document<
  { recallCampaign: { cases: Cases } | null },
  { id: string; first: number; after: string | null }
>(
  `query RecallCampaignCases($id: ID!, $first: Int, $after: String) { recallCampaign(id: $id) {
    cases(first: $first, after: $after) { ${CASES} } } }`,
);

export const proposeRecallCampaignMutation = document<
  { proposeRecallCampaign: Refused<'campaign', { id: string }> },
  { input: { selection: RecallSelection; set: SelectedSet; reason: string } }
>(
  `mutation ProposeRecallCampaign($input: ProposeRecallCampaignInput!) {
    proposeRecallCampaign(input: $input) { campaign { id } ${REFUSAL} } }`,
);

export const confirmRecallCampaignMutation = document<
  { confirmRecallCampaign: Refused<'campaign', { id: string }> },
  { input: { campaignId: string; set: SelectedSet } }
>(
  `mutation ConfirmRecallCampaign($input: ConfirmRecallCampaignInput!) {
    confirmRecallCampaign(input: $input) { campaign { id } ${REFUSAL} } }`,
);

export const withdrawRecallCampaignMutation = document<
  { withdrawRecallCampaign: Refused<'campaign', { id: string }> },
  { input: { campaignId: string; reason: string } }
>(
  `mutation WithdrawRecallCampaign($input: WithdrawRecallCampaignInput!) {
    withdrawRecallCampaign(input: $input) { campaign { id } ${REFUSAL} } }`,
);
