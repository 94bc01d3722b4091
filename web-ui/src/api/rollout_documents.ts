/** Every question of the rollout console beside those about deployments. */
import { document } from './client';
import type { Refused } from './documents';
import type {
  Alarm,
  Characteristic,
  CountedBy,
  DryRun,
  GatePolicies,
  GatePolicy,
  NewDeployment,
  RecallEvaluation,
  RulesProposal,
  StopRules,
  StopView,
  UseRule,
  UseRuleVersion,
} from './rollout_types';

const REFUSAL = 'refusal { code message remedy }';
const RULE = 'name test counted baseline alarm share pooled hours expectedMin cases shareMax';
const RULES = `version falseAlarmsPerYear casesPerMonth rules { ${RULE} } changedBy changedAt reason
  difference`;
const BEHAVIOUR = 'rule rate acceptable casesMean casesMedian casesP90 alarmsPerYear';
const ALARM = `id deploymentId deploymentName rule rulesVersion action value bound raisedAt case
  fromStage toStage note acknowledgedBy acknowledgedAt acknowledgement`;
const RULES_PROPOSAL = `id deploymentId follows difference reason proposedBy proposedAt state decidedBy decidedAt`;
const BOUNDS = `daysMin endedMin localEndedMin acceptedShareMin discordantShareMax criticalFindingsMax readersMin
  coveredShareMin coveredFindingsMin subgroupGapMax subgroupEndedMin witnessHoursMax`;
const GATE_POLICY = `number version reason difference proposedBy adoptedBy adoptedAt
  policy { pilot { ${BOUNDS} } supervised { ${BOUNDS} } general { ${BOUNDS} } }`;
const EVALUATION = 'id alarmId from to openedAt cases closedBy closedAt conclusion';
const VERSION = 'version lines difference changedBy changedAt reason matched lookedAt';
const DRY_RUN = `lookedAt matched matchedNow overlapping difference
  series { seriesId studyId modality bodyPartExamined seriesDescription sliceThicknessMm fieldStrengthT
    routedAt matched matchesNow failedRules overlaps }`;
const USE_RULE = `modality bodyParts bodyPartWords seriesDescriptionContains protocolNameContains
  manufacturers kernels senders sliceThicknessMmMin sliceThicknessMmMax fieldStrengthTMin
  fieldStrengthTMax instanceCountMin sharePerMille dailyMax hours { from to utcOffsetMinutes } priority`;

export const stopRulesQuery = document<{ stopRules: StopView }, { deploymentId: string }>(
  `query StopRules($deploymentId: ID!) { stopRules(deploymentId: $deploymentId) {
    rules { ${RULES} } former { ${RULES} }
    states { rule action value bound fired case cases path note }
    characteristics { ${BEHAVIOUR} } alarms { ${ALARM} } recallEvaluations { ${EVALUATION} }
    proposals { ${RULES_PROPOSAL} } } }`,
);

/** The cases behind a number of a gate, those that were not accepted first. */
export const gateCasesQuery = document<
  { gateCases: { label: string; total: number; caseIds: string[] } },
  { deploymentId: string; by: CountedBy; group: string | null }
>(
  `query GateCases($deploymentId: ID!, $by: CountedBy!, $group: String) {
    gateCases(deploymentId: $deploymentId, by: $by, group: $group) { label total caseIds } }`,
);

export const stopRulesPreviewQuery = document<
  { stopRulesPreview: Characteristic[] },
  { rules: StopRules }
>(
  `query StopRulesPreview($rules: StopRulesInput!) {
    stopRulesPreview(rules: $rules) { ${BEHAVIOUR} } }`,
);

export const alarmsQuery = document<{ alarms: Alarm[] }>(`query Alarms { alarms { ${ALARM} } }`);

export const gatePoliciesQuery = document<{ gatePolicies: GatePolicies }>(
  `query GatePolicies { gatePolicies { inForce { ${GATE_POLICY} } former { ${GATE_POLICY} }
    proposals { ${RULES_PROPOSAL} } } }`,
);

export const proposeGatePolicyMutation = document<
  { proposeGatePolicy: Refused<'proposal', RulesProposal> },
  { input: { policy: GatePolicy; reason: string; follows: number } }
>(
  `mutation ProposeGatePolicy($input: ProposeGatePolicyInput!) {
    proposeGatePolicy(input: $input) { proposal { ${RULES_PROPOSAL} } ${REFUSAL} } }`,
);

export const proposeStopRulesMutation = document<
  { proposeStopRules: Refused<'proposal', RulesProposal> },
  { input: { deploymentId: string; rules: StopRules; reason: string; follows: number } }
>(
  `mutation ProposeStopRules($input: ProposeStopRulesInput!) {
    proposeStopRules(input: $input) { proposal { ${RULES_PROPOSAL} } ${REFUSAL} } }`,
);

export const adoptRulesMutation = document<
  { adoptRules: Refused<'proposal', RulesProposal> },
  { input: { proposalId: string; username: string | null; password: string } }
>(
  `mutation AdoptRules($input: AdoptRulesInput!) {
    adoptRules(input: $input) { proposal { ${RULES_PROPOSAL} } ${REFUSAL} } }`,
);

export const declineRulesMutation = document<
  { declineRules: Refused<'proposal', RulesProposal> },
  { input: { proposalId: string } }
>(
  `mutation DeclineRules($input: DeclineRulesInput!) {
    declineRules(input: $input) { proposal { ${RULES_PROPOSAL} } ${REFUSAL} } }`,
);

export const acknowledgeAlarmMutation = document<
  { acknowledgeAlarm: Refused<'alarm', Alarm> },
  { input: { alarmId: string; conclusion: string } }
>(
  `mutation AcknowledgeAlarm($input: AcknowledgeAlarmInput!) {
    acknowledgeAlarm(input: $input) { alarm { ${ALARM} } ${REFUSAL} } }`,
);

export const closeRecallEvaluationMutation = document<
  { closeRecallEvaluation: Refused<'evaluation', RecallEvaluation> },
  { input: { evaluationId: string; conclusion: string } }
>(
  `mutation CloseRecallEvaluation($input: CloseRecallEvaluationInput!) {
    closeRecallEvaluation(input: $input) { evaluation { ${EVALUATION} } ${REFUSAL} } }`,
);

export const useRuleQuery = document<
  { deployments: { id: string; useRule: UseRule }[]; useRuleVersions: UseRuleVersion[] },
  { deploymentId: string }
>(
  `query UseRule($deploymentId: ID!) { deployments { id useRule { ${USE_RULE} } }
    useRuleVersions(deploymentId: $deploymentId) { ${VERSION} } }`,
);

export const dryRunQuery = document<
  { dryRun: DryRun },
  { input: { deploymentId: string; rule: UseRule; series: number } }
>(`query DryRun($input: DryRunInput!) { dryRun(input: $input) { ${DRY_RUN} } }`);

export const dryRunOfNewQuery = document<
  { dryRunOfNew: DryRun },
  { input: { name: string; modelId: string; site: string; rule: UseRule; series: number } }
>(`query DryRunOfNew($input: DryRunOfNewInput!) { dryRunOfNew(input: $input) { ${DRY_RUN} } }`);

export const createDeploymentMutation = document<
  { createDeployment: Refused<'deployment', { id: string; name: string }> },
  { input: NewDeployment }
>(
  `mutation CreateDeployment($input: CreateDeploymentInput!) {
    createDeployment(input: $input) { deployment { id name } ${REFUSAL} } }`,
);

export const changeUseRuleMutation = document<
  { changeUseRule: Refused<'version', UseRuleVersion> },
  {
    input: {
      deploymentId: string;
      rule: UseRule;
      reason: string;
      matchedSeen: number;
      lookedAt: number;
    };
  }
>(
  `mutation ChangeUseRule($input: ChangeUseRuleInput!) {
    changeUseRule(input: $input) { version { ${VERSION} } ${REFUSAL} } }`,
);
