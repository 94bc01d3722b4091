/** The part of `gateway/schema.graphql` that the pages ask for; `documents.test.ts` holds the questions to the schema. */

import type { SteeredCase } from './oversight_types';
import type { RejectionNote } from './recall';
import type { CountedPart } from './rollout_types';

export type Verdict = 'ACCEPT' | 'ACCEPT_WITH_LIMITATION' | 'REJECT' | 'CANNOT_JUDGE';
export type FindingKind = 'INVENTED' | 'LOST' | 'DISTORTED' | 'TEXTURE' | 'ARTEFACT' | 'INTENSITY';
export type Severity = 'MINOR' | 'MAJOR' | 'CRITICAL';
export type Disposition = 'PLAUSIBLE' | 'ARTEFACT' | 'INVENTED' | 'LOST' | 'CANNOT_TELL';
export type Availability = 'AVAILABLE' | 'MINE' | 'SIGNED' | 'UNAVAILABLE';
export type CaseState =
  | 'QUEUED'
  | 'READING'
  | 'DISCORDANT'
  | 'ADJUDICATING'
  | 'RELEASED'
  | 'REJECTED'
  | 'HELD'
  | 'DEFERRED'
  | 'SUPERSEDED'
  | 'EXPIRED'
  | 'RECALLED'
  | 'EVALUATED';
export type SeriesState = 'RECEIVING' | 'READY' | 'PARKED';
export type RunState = 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'SUPERSEDED';
export type DerivedRole = 'IMAGE' | 'UNCERTAINTY' | 'LOWER' | 'UPPER';
/** Patients' cases, or evidence about a model at shadow. */
export type Purpose = 'CLINICAL' | 'EVALUATION';
export type Stage = 'SUSPENDED' | 'SHADOW' | 'PILOT' | 'SUPERVISED' | 'GENERAL';
export type SendState = 'QUEUED' | 'SENDING' | 'DELIVERED' | 'HELD';
export type ProposalState = 'OPEN' | 'APPROVED' | 'LAPSED';
export type Role =
  | 'RADIOLOGIST'
  | 'ADJUDICATOR'
  | 'QUALITY'
  | 'ADMINISTRATOR'
  | 'CLINICAL_OWNER'
  | 'PHYSICIST'
  | 'COORDINATOR';

export type GroupBy =
  | 'ALL'
  | 'READER_PAIR'
  | 'MODEL'
  | 'DEPLOYMENT'
  | 'STAGE'
  | 'SCANNER'
  | 'MONTH'
  | 'HOURS'
  | 'READER';
export type Span =
  | 'TURNAROUND'
  | 'MACHINE'
  | 'FIRST_READER'
  | 'SECOND_READER'
  | 'ADJUDICATOR_WAIT'
  | 'ADJUDICATION'
  | 'READING';
export type HoldKind = 'DEFERRED' | 'COORDINATOR';

/** Why the domain said no, and what would help. */
export interface Refusal {
  code: string;
  message: string;
  remedy: string;
}
export interface PageInfo {
  hasNextPage: boolean;
  endCursor: string | null;
}
export interface Viewer {
  id: string;
  username: string;
  printedName: string;
  roles: Role[];
  idleLockMinutes: number;
  demo: boolean;
  /** Whether this login session has signed: its first signature takes the name too. */
  hasSigned: boolean;
  /** Whether somebody else had the password made: until another is chosen, nothing else can be done. */
  mustChangePassword: boolean;
}
export interface Patient {
  name: string;
  patientId: string;
  /** Who gave the ID out; empty where the file doesn't say, absent where it isn't asked for. */
  issuer?: string;
  birthDate: string;
  sex: string;
}
export interface StudySummary {
  id: string;
  studyInstanceUid: string;
  patient: Patient;
  studyDate: string;
  studyTime: string;
  accessionNumber: string;
  studyDescription: string;
}
export interface RuleOutcome {
  deployment: string;
  name: string;
  matched: boolean;
  failedRule: string | null;
}
export interface Run {
  id: string;
  deployment: string;
  state: RunState;
  attempt: number;
  progress: number;
  failure: string | null;
  requestedAt: string;
  endedAt: string | null;
}
export interface Series {
  id: string;
  seriesInstanceUid: string;
  modality: string;
  bodyPartExamined: string;
  seriesDescription: string;
  protocolName: string;
  seriesNumber: number | null;
  manufacturer: string;
  manufacturerModelName: string;
  convolutionKernel: string;
  sliceThicknessMm: number | null;
  fieldStrengthT: number | null;
  instanceCount: number;
  sender: string;
  state: SeriesState;
  parkedReason: string | null;
  routing: RuleOutcome[];
  runs: Run[];
}
export interface Study extends StudySummary {
  receivedAt: string;
  series: Series[];
}
export interface Quarantined {
  id: string;
  receivedAt: string;
  sender: string;
  reasonCode: string;
  reason: string;
  remedy: string;
  bytes: number;
  state: 'WAITING' | 'READMITTED' | 'DISCARDED';
  endedAt: string | null;
  endedBy: string | null;
  endedReason: string | null;
}
export interface Instance {
  sopInstanceUid: string;
  slice: number;
}
export interface DerivedSeries {
  seriesInstanceUid: string;
  role: DerivedRole;
  instances: Instance[];
}
/** What a prior has in common with the source of the case. */
export type PriorLikeness =
  | 'SAME_REGION'
  | 'OVERLAPPING_REGION'
  | 'SAME_MODALITY'
  | 'OTHER_MODALITY';
/** An acquired series of an earlier study of the same patient. */
export interface Prior {
  id: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  studyDate: string;
  studyTime: string;
  studyDescription: string;
  seriesDescription: string;
  modality: string;
  bodyPartExamined: string;
  instanceCount: number;
  likeness: PriorLikeness;
}
/** Why a reader is asked to look at a region: its interval is wide, structure was taken away or added, samples disagree. */
export type RegionKind = 'WIDTH' | 'STRUCTURE' | 'DISAGREEMENT' | 'TEST';
/** A place where a reader is asked to look; centre in patient coordinates (LPS), mm. */
export interface Region {
  index: number;
  kind: RegionKind;
  centreMm: number[];
  diameterMm: number;
  halfWidthMax: number;
  firstSlice: number;
  lastSlice: number;
}
export interface Finding {
  id: string | null;
  kind: FindingKind;
  severity: Severity;
  centreMm: number[] | null;
  diameterMm: number | null;
  comment: string;
}
export interface RegionDisposition {
  region: number;
  disposition: Disposition;
}
export interface Draft {
  version: number;
  verdict: Verdict | null;
  findings: Finding[];
  regions: RegionDisposition[];
  comment: string;
  savedAt: string;
}
export interface Signature {
  printedName: string;
  signedAt: string;
  meaning: string;
  caseDigest: string;
  contentDigest: string;
  /** Where it was signed with a passkey: what shows it to whoever has the key; base64url. */
  personalKey: PersonalKey | null;
}
export interface PersonalKey {
  publicKey: string;
  nonce: string;
  clientData: string;
  authenticatorData: string;
  signature: string;
}
export type Stance = 'KEEPS' | 'CHANGES';
/** What a reader wrote after their read was final. */
export interface Addendum {
  stance: Stance;
  words: string;
  writtenAt: string;
}
/** The viewer's own read of the very same images before the study's identity was corrected. */
export interface Confirmable {
  readId: string;
  verdict: Verdict;
  findings: Finding[];
  regions: RegionDisposition[];
  comment: string;
  signedAt: string;
}
export interface Read {
  id: string;
  verdict: Verdict;
  findings: Finding[];
  regions: RegionDisposition[];
  comment: string;
  isFinal: boolean;
  signature: Signature;
  /** The oldest first. */
  addenda: Addendum[];
  /** Whether it confirms what its reader signed of the same images under another identity. */
  isConfirmation: boolean;
}
export interface Send {
  id: string;
  destination: string;
  state: SendState;
  objects: number;
  objectsStored: number;
  attempts: number;
  nextAttemptAt: string | null;
  lastError: string | null;
  remarks: SendRemark[];
  queuedAt: string;
  deliveredAt: string | null;
}
/** What a destination said about one object besides plain success. */
export interface SendRemark {
  sopInstanceUid: string;
  role: string;
  /** Four hexadecimal digits. */
  status: string;
  comment: string;
  /** Whether the object is stored all the same: then the status is a warning. */
  stored: boolean;
}
export interface Scores {
  domain: number | null;
  consistency: number | null;
  /** Of a model that draws several images, while it isn't hidden. */
  agreement: number | null;
}
export interface ModelName {
  id: string;
  name: string;
  version: string;
}
/** How soon something is wanted, the most urgent first. */
export const PRIORITIES = ['STAT', 'URGENT', 'ROUTINE', 'OFF_PEAK'] as const;
export type Priority = (typeof PRIORITIES)[number];
/** One row of a worklist or case list. */
export interface CaseRow {
  id: string;
  availability: Availability;
  state: CaseState | null;
  stage: Stage;
  /** Whether this reader is told which model it is only when the own read is final. */
  isModelHidden: boolean;
  priority: Priority;
  queuedAt: string;
  /** From when on its time is running out. */
  escalatesAt: string;
  /** When it should have ended. */
  dueAt: string;
  study: StudySummary;
  source: {
    modality: string;
    bodyPartExamined: string;
    seriesDescription: string;
    manufacturer: string;
    sliceThicknessMm: number | null;
  };
  model: ModelName & { uncertaintyRange: number; unit: string };
  deployment: { id: string; name: string; banner: string | null };
  scores: Scores | null;
  regions: { index: number; halfWidthMax: number }[];
}
/** A case as the reading room needs it. */
export interface ReadingCase {
  id: string;
  availability: Availability;
  state: CaseState | null;
  stage: Stage;
  /** Whether this reader is told which model it is only when the own read is final. */
  isModelHidden: boolean;
  queuedAt: string;
  study: StudySummary;
  source: CaseRow['source'] & { id: string; seriesInstanceUid: string; instances: Instance[] };
  derived: DerivedSeries[];
  caseDigest: string;
  model: ModelName & {
    intendedUse: string;
    limits: string[];
    calibrationSubjects: number;
    uncertaintyRange: number;
    unit: string;
  };
  deployment: {
    id: string;
    name: string;
    stage: Stage;
    banner: string | null;
    /** Percent of what the model took away that is given back to the image; null while the model is hidden. */
    texturePercent: number | null;
  };
  scores: Scores | null;
  regions: Region[];
  lease: { expiresAt: string } | null;
  withdrawUntil: string | null;
  draft: Draft | null;
  /** What the viewer had typed on a case whose place this one took. */
  offeredDraft: Draft | null;
  /** What the viewer may confirm instead of reading the same images once more. */
  confirmable: Confirmable | null;
  endedHold: EndedHold | null;
  myRead: Read | null;
  reads: Read[];
}
/** How the viewer's hold ended without a read. */
export interface EndedHold {
  reasonCode: string;
  endedAt: string;
}
export interface Model extends ModelName {
  task: string;
  weights: string;
  intendedUse: string;
  limits: string[];
  contentQualification: string;
  regulatoryReference: string | null;
  trainingSubjects: string[];
  licence: string | null;
  /** Who signed the package that it came in; null when it was installed with the program. */
  publisher: string | null;
  manifest: string | null;
  card: string;
  metrics: Json;
  calibrationSubjects: number;
  uncertaintyRange: number;
  unit: string;
  registeredAt: string;
}
export interface Criterion {
  name: string;
  value: number | null;
  low: number | null;
  high: number | null;
  bound: number;
  held: boolean;
  note: string;
  parts: CountedPart[];
}
export interface Gate {
  stage: Stage;
  policyVersion: string;
  held: boolean;
  criteria: Criterion[];
}
export interface Proposal {
  id: string;
  stage: Stage;
  reason: string;
  proposedBy: string;
  proposedAt: string;
  state: ProposalState;
  /** In the order of signing. */
  approvals: Approval[];
  /** Whose approval is still wanted. */
  wanted: ApproverRole[];
  gate: Gate;
}
export type ApproverRole = 'QUALITY' | 'CLINICAL_OWNER' | 'PHYSICIST';
export interface Approval {
  capacity: ApproverRole;
  by: string;
  at: string;
}
export interface Deployment {
  id: string;
  name: string;
  model: ModelName;
  site: string;
  stage: Stage;
  stageSince: string;
  banner: string | null;
  pool: string;
  /** Percent of what the model takes away that is given back to its images. */
  texturePercent: number;
  rule: string[];
  gate: Gate | null;
  proposals: Proposal[];
}
export interface LedgerEntry {
  index: number;
  event: string;
  service: string;
  seq: number;
  occurredAt: string;
  recordedAt: string;
  actor: string;
  subject: string;
  kind: string;
  sentence: string;
  leaf: string;
}
export interface LedgerStatus {
  size: number;
  root: string;
  checkpoint: string | null;
  gaps: string[];
}
export interface LedgerGap {
  first: number;
  last: number;
  since: string;
}
export interface LedgerSource {
  service: string;
  last: number;
  gaps: LedgerGap[];
}
/** How far somebody elsewhere has seen that the ledger only grows. */
export interface LedgerWitness {
  name: string;
  size: number;
  cosignedAt: string | null;
  problem: string | null;
}
export interface LedgerHealth {
  size: number;
  signed: number;
  signedAt: string | null;
  exported: number;
  /** Null where nobody watches from elsewhere. */
  witness: LedgerWitness | null;
  sources: LedgerSource[];
  alarms: string[];
}
/** A value with its 95 % interval, which is absent where the cases can't tell. */
export interface Measured {
  value: number;
  low: number | null;
  high: number | null;
}
export interface FigureGroup {
  by: GroupBy;
  key: string;
  label: string;
}
export interface AgreementFigure {
  group: FigureGroup;
  count: number;
  observed: Measured | null;
  kappa: Measured | null;
  kappaWeighted: Measured | null;
  ac1: Measured | null;
}
export interface RateFigure {
  group: FigureGroup;
  kind: FindingKind;
  severity: Severity;
  count: number;
  rate: Measured | null;
}
export interface TimeFigure {
  group: FigureGroup;
  span: Span;
  count: number;
  medianSeconds: number | null;
  p90Seconds: number | null;
  p95Seconds: number | null;
}
export interface OverdueFigure {
  group: FigureGroup;
  count: number;
  rate: Measured | null;
}
/** How many test cases, or reads of them, were caught. */
export interface SentinelFigure {
  group: FigureGroup;
  count: number;
  caught: number;
  unable: number;
  caseIds: string[];
  missedCaseIds: string[];
  rate: Measured | null;
}
export interface SentinelFigures {
  cases: SentinelFigure[];
  readers: SentinelFigure[];
  definitions: { name: string; text: string }[];
}
export interface QualityFigures {
  cases: number;
  minimum: number;
  agreement: AgreementFigure[];
  rates: RateFigure[];
  times: TimeFigure[];
  overdue: OverdueFigure[];
  definitions: { name: string; text: string }[];
}
/** The cases behind figures; only the kind of figure that was opened is there. */
export interface FigureCases {
  agreement?: { group: FigureGroup; caseIds: string[]; differingCaseIds: string[] }[];
  rates?: { group: FigureGroup; kind: FindingKind; severity: Severity; caseIds: string[] }[];
  times?: { group: FigureGroup; span: Span; caseIds: string[] }[];
  overdue?: { group: FigureGroup; caseIds: string[] }[];
  sentinels?: Pick<SentinelFigure, 'group' | 'caseIds' | 'missedCaseIds'>[];
}
export interface Hold {
  reasonCode: string;
  reason: string;
  placedAt: string;
}
export interface Deferral {
  reason: string;
  placedAt: string;
}
export interface CaseRecall {
  reason: string;
  proposedAt: string;
  confirmedAt: string | null;
}
export interface StudyFlag {
  studyId: string;
  reason: string;
  placedAt: string;
}
/** A case with its reads, sends and history, for quality. */
export interface CaseHistory extends SteeredCase {
  caseDigest: string;
  reads: Read[];
  sends: Send[];
  /** Empty unless the case is recalled. */
  rejectionNotes: RejectionNote[];
  history: LedgerEntry[];
}
export interface Page<T> {
  nodes: T[];
  pageInfo: PageInfo;
}
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
