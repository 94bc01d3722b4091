/** Questions and acts of coordinators, quality and administrators. */
import { document } from './client';
import type {
  Conflict,
  Credential,
  PolicyValues,
  QualitySample,
  ReviewPolicy,
  SteeredCase,
} from './oversight_types';
import type { Page, Priority, Purpose, Refusal, SentinelFigures } from './types';

type Refused<Noun extends string, Value> = { [noun in Noun]: Value | null } & {
  refusal: Refusal | null;
};
interface ReasonedAct {
  caseId: string;
  reason: string;
}

const REFUSAL = 'refusal { code message remedy }';
const CREDENTIAL = 'id username modality task purpose validFrom validUntil revokedAt';
const CONFLICT = 'id username studyId deploymentId reason declaredAt';
const POLICY = `version reason adoptedBy adoptedAt finalisationMinutes leaseMinutes leaseHoursMax firstCallMinutes
  dueMinutes dueMinutesStat dueMinutesUrgent dueMinutesOffPeak escalatesPercentStat escalatesPercentUrgent
  escalatesPercentRoutine escalatesPercentOffPeak expiresAfterHours requireRegionDispositions requireCredentials adjudicatorsTakeFirstSlots
  decoyPerMille sentinelPerMille repeatPerMille repeatAfterDays
  evaluationPerMille evaluationExpiresAfterHours`;
const STEERED_CASE = `id availability state stage isModelHidden priority queuedAt escalatesAt dueAt expiresAt kind
  study { id studyInstanceUid studyDate studyTime accessionNumber studyDescription
    patient { name patientId birthDate sex } }
  source { modality bodyPartExamined seriesDescription manufacturer sliceThicknessMm }
  model { id name version uncertaintyRange unit } deployment { id name banner }
  scores { domain consistency agreement } regions { index halfWidthMax }
  holds { reasonCode reason placedAt } deferrals { reason placedAt }
  priorityChange { from reason changedAt }
  recall { reason proposedAt confirmedAt } needsRecallEvaluation lacksReaders`;

/** Every case with what holds it back. */
export const steeredCasesQuery = document<
  { cases: Page<SteeredCase> },
  { first: number; after: string | null }
>(
  `query SteeredCases($first: Int, $after: String) {
    cases(first: $first, after: $after) { nodes { ${STEERED_CASE} } pageInfo { hasNextPage endCursor } } }`,
);
export const revokeHoldsMutation = document<
  { revokeHolds: Refused<'case', { id: string }> },
  { input: ReasonedAct }
>(
  `mutation RevokeHolds($input: RevokeHoldsInput!) {
    revokeHolds(input: $input) { case { id } ${REFUSAL} } }`,
);
export const changeCasePriorityMutation = document<
  { changeCasePriority: Refused<'case', { id: string }> },
  { input: ReasonedAct & { priority: Priority } }
>(
  `mutation ChangeCasePriority($input: ChangeCasePriorityInput!) {
    changeCasePriority(input: $input) { case { id } ${REFUSAL} } }`,
);
export const invalidateSignatureMutation = document<
  { invalidateSignature: Refused<'case', { id: string }> },
  { input: ReasonedAct & { username: string } }
>(
  `mutation InvalidateSignature($input: InvalidateSignatureInput!) {
    invalidateSignature(input: $input) { case { id } ${REFUSAL} } }`,
);
export const markSentinelMutation = document<
  { markSentinel: Refused<'case', { id: string }> },
  { input: ReasonedAct }
>(
  `mutation MarkSentinel($input: MarkSentinelInput!) {
    markSentinel(input: $input) { case { id } ${REFUSAL} } }`,
);

export const credentialsQuery = document<{ credentials: Credential[] }>(
  `query Credentials { credentials { ${CREDENTIAL} } }`,
);
export const grantCredentialMutation = document<
  { grantCredential: Refused<'credential', Credential> },
  {
    input: {
      username: string;
      modality: string;
      task: string;
      purpose: Purpose;
      validUntil: string;
    };
  }
>(
  `mutation GrantCredential($input: GrantCredentialInput!) {
    grantCredential(input: $input) { credential { ${CREDENTIAL} } ${REFUSAL} } }`,
);
export const revokeCredentialMutation = document<
  { revokeCredential: Refused<'credential', Credential> },
  { input: { credentialId: string } }
>(
  `mutation RevokeCredential($input: RevokeCredentialInput!) {
    revokeCredential(input: $input) { credential { ${CREDENTIAL} } ${REFUSAL} } }`,
);
export const conflictsQuery = document<{ conflicts: Conflict[] }>(
  `query Conflicts { conflicts { ${CONFLICT} } }`,
);
export const declareConflictMutation = document<
  { declareConflict: Refused<'conflict', Conflict> },
  {
    input: {
      username: string;
      studyId: string | null;
      deploymentId: string | null;
      reason: string;
    };
  }
>(
  `mutation DeclareConflict($input: DeclareConflictInput!) {
    declareConflict(input: $input) { conflict { ${CONFLICT} } ${REFUSAL} } }`,
);
export const declareOwnConflictMutation = document<
  { declareOwnConflict: Refused<'conflict', { id: string }> },
  { input: ReasonedAct }
>(
  `mutation DeclareOwnConflict($input: DeclareOwnConflictInput!) {
    declareOwnConflict(input: $input) { conflict { id } ${REFUSAL} } }`,
);

export const qualitySamplesQuery = document<{ qualitySamples: QualitySample[] }>(
  `query QualitySamples { qualitySamples {
    caseId kind ofCaseId printedName verdict agrees signedAt } }`,
);
export const reviewPoliciesQuery = document<{ reviewPolicies: ReviewPolicy[] }>(
  `query ReviewPolicies { reviewPolicies { ${POLICY} } }`,
);
export const changeReviewPolicyMutation = document<
  { changeReviewPolicy: Refused<'policy', ReviewPolicy> },
  { input: Partial<PolicyValues> & { reason: string } }
>(
  `mutation ChangeReviewPolicy($input: ChangeReviewPolicyInput!) {
    changeReviewPolicy(input: $input) { policy { ${POLICY} } ${REFUSAL} } }`,
);

const SENTINEL = `group { by key label } count caught unable caseIds missedCaseIds
  rate { value low high }`;
/** Which test cases were caught: for quality, and nobody who reads. */
export const sentinelFiguresQuery = document<
  { sentinelFigures: SentinelFigures },
  { from: string; to: string }
>(
  `query SentinelFigures($from: DateTime!, $to: DateTime!) { sentinelFigures(from: $from, to: $to) {
    cases { ${SENTINEL} } readers { ${SENTINEL} } definitions { name text } } }`,
);
