/** What the rollout console asks for beside deployments: stop rules, alarms, dry runs. */
import type { Priority, Stage } from './types';

export const COUNTED_BY = [
  'HERE',
  'HERE_NOT_ACCEPTED',
  'ALL',
  'NOT_ACCEPTED',
  'DISCORDANT',
  'CRITICAL',
  'MARKED',
  'UNFLAGGED',
  'SEX',
  'AGE',
  'SCANNER',
] as const;
export type CountedBy = (typeof COUNTED_BY)[number];

/** A part of the cases that a criterion of a gate counts. */
export interface CountedPart {
  by: CountedBy;
  /** Which group, where it is one of several. */
  group: string | null;
  /** The group in words; empty where it is unknown. */
  label: string;
  cases: number;
}

export type Counted = 'REJECTED' | 'DISCORDANT' | 'CRITICAL_FINDING';
export type StopAction = 'INFORM' | 'DEMOTE' | 'SUSPEND';
export type StopTestKind = 'CUSUM' | 'SINGLE_EVENT' | 'SILENCE' | 'WINDOW';

export interface StopRule {
  name: string;
  test: StopTestKind;
  counted: Counted | null;
  baseline: number | null;
  alarm: number | null;
  share: number | null;
  pooled: boolean | null;
  hours: number | null;
  expectedMin: number | null;
  cases: number | null;
  shareMax: number | null;
}

export interface StopRules {
  falseAlarmsPerYear: number;
  casesPerMonth: number;
  rules: StopRule[];
}

export interface StopRulesVersion extends StopRules {
  version: number;
  changedBy: string | null;
  changedAt: string | null;
  reason: string;
  difference: string[];
}

export interface RuleState {
  rule: string;
  action: StopAction;
  value: number;
  bound: number;
  fired: boolean;
  case: string | null;
  cases: number;
  path: number[];
  note: string;
}

export interface Characteristic {
  rule: string;
  rate: number;
  acceptable: boolean;
  casesMean: number;
  casesMedian: number;
  casesP90: number;
  alarmsPerYear: number;
}

export interface Alarm {
  id: string;
  deploymentId: string;
  deploymentName: string;
  rule: string;
  rulesVersion: number;
  action: StopAction;
  value: number;
  bound: number;
  raisedAt: string;
  case: string | null;
  fromStage: Stage;
  toStage: Stage;
  note: string;
  acknowledgedBy: string | null;
  acknowledgedAt: string | null;
  acknowledgement: string | null;
}

export interface RecallEvaluation {
  id: string;
  alarmId: string;
  from: string;
  to: string;
  openedAt: string;
  cases: string[];
  closedBy: string | null;
  closedAt: string | null;
  conclusion: string | null;
}

export interface StopView {
  rules: StopRulesVersion;
  former: StopRulesVersion[];
  states: RuleState[];
  characteristics: Characteristic[];
  alarms: Alarm[];
  recallEvaluations: RecallEvaluation[];
  /** Other rules that were proposed, newest first. */
  proposals: RulesProposal[];
}

export type RulesState = 'OPEN' | 'ADOPTED' | 'DECLINED';

/** Other rules, in force when a second person adopts them. */
export interface RulesProposal {
  id: string;
  /** Whose stop rules; null where it is the gate policy. */
  deploymentId: string | null;
  follows: number;
  difference: string[];
  reason: string;
  proposedBy: string;
  proposedAt: string;
  state: RulesState;
  decidedBy: string | null;
  decidedAt: string | null;
}

/** What is asked before one stage. */
export interface Bounds {
  daysMin: number;
  endedMin: number;
  localEndedMin: number;
  acceptedShareMin: number;
  discordantShareMax: number;
  criticalFindingsMax: number;
  readersMin: number;
  coveredShareMin: number;
  coveredFindingsMin: number;
  subgroupGapMax: number;
  subgroupEndedMin: number;
  witnessHoursMax: number;
}

export interface GatePolicy {
  pilot: Bounds;
  supervised: Bounds;
  general: Bounds;
}

export interface GatePolicyVersion {
  number: number;
  version: string;
  policy: GatePolicy;
  proposedBy: string | null;
  adoptedBy: string | null;
  adoptedAt: string | null;
  reason: string;
  difference: string[];
}

export interface GatePolicies {
  inForce: GatePolicyVersion;
  former: GatePolicyVersion[];
  proposals: RulesProposal[];
}

export interface Hours {
  from: number;
  to: number;
  utcOffsetMinutes: number;
}

export interface UseRule {
  modality: string;
  bodyParts: string[];
  bodyPartWords: string[];
  seriesDescriptionContains: string[];
  protocolNameContains: string[];
  manufacturers: string[];
  kernels: string[];
  senders: string[];
  sliceThicknessMmMin: number | null;
  sliceThicknessMmMax: number | null;
  /** Of MR, tesla. */
  fieldStrengthTMin: number | null;
  fieldStrengthTMax: number | null;
  instanceCountMin: number;
  sharePerMille: number | null;
  dailyMax: number | null;
  hours: Hours | null;
  /** How soon what it takes is wanted, where the scanner doesn't say. */
  priority: Priority;
}

/** A model version that is put to use. */
export interface NewDeployment {
  name: string;
  modelId: string;
  site: string;
  pool: string;
  /** Percent of what the model takes away that is given back to its images. */
  texturePercent: number;
  rule: UseRule;
  reason: string;
  /** What the dry run said that the person has seen. */
  matchedSeen: number;
  lookedAt: number;
}

export interface DryRunSeries {
  seriesId: string;
  studyId: string;
  modality: string;
  bodyPartExamined: string;
  seriesDescription: string;
  sliceThicknessMm: number | null;
  fieldStrengthT: number | null;
  routedAt: string;
  matched: boolean;
  matchesNow: boolean;
  failedRules: string[];
  overlaps: string[];
}

export interface DryRun {
  lookedAt: number;
  matched: number;
  matchedNow: number;
  overlapping: number;
  difference: string[];
  series: DryRunSeries[];
}

export interface UseRuleVersion {
  version: number;
  lines: string[];
  difference: string[];
  changedBy: string;
  changedAt: string;
  reason: string;
  matched: number | null;
  lookedAt: number | null;
}
