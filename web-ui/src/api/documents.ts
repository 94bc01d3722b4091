/** Every question that the pages ask. */
import { document } from './client';
import { FINDING, READ, REFUSAL, SIGNED_CASE } from './fragments';
import { REJECTION_NOTE } from './recall';
import type {
  CaseHistory,
  CaseRow,
  Deployment,
  Disposition,
  Draft,
  EndedHold,
  FigureCases,
  FindingKind,
  HoldKind,
  LedgerEntry,
  LedgerHealth,
  LedgerStatus,
  Model,
  Page,
  Prior,
  Proposal,
  QualityFigures,
  Quarantined,
  Read,
  ReadingCase,
  Refusal,
  Severity,
  Stage,
  Study,
  StudyFlag,
  Verdict,
  Viewer,
} from './types';

const PAGE = 'pageInfo { hasNextPage endCursor }';
const VIEWER = 'id username printedName roles idleLockMinutes demo hasSigned mustChangePassword';
const STUDY = `id studyInstanceUid studyDate studyTime accessionNumber studyDescription
  patient { name patientId issuer birthDate sex }`;
const SOURCE = 'modality bodyPartExamined seriesDescription manufacturer sliceThicknessMm';
const DRAFT = `version verdict findings { ${FINDING} } regions { region disposition } comment savedAt`;
const CASE_ROW = `id availability state stage isModelHidden priority queuedAt escalatesAt dueAt
  study { ${STUDY} } source { ${SOURCE} }
  model { id name version uncertaintyRange unit } deployment { id name banner }
  scores { domain consistency agreement } regions { index halfWidthMax }`;
const READING_CASE = `id availability state stage isModelHidden queuedAt study { ${STUDY} }
  source { id seriesInstanceUid ${SOURCE} instances { sopInstanceUid slice } }
  derived { seriesInstanceUid role instances { sopInstanceUid slice } } caseDigest
  model { id name version intendedUse limits calibrationSubjects uncertaintyRange unit }
  deployment { id name stage banner texturePercent } scores { domain consistency agreement }
  regions { index kind centreMm diameterMm halfWidthMax firstSlice lastSlice }
  lease { expiresAt } withdrawUntil draft { ${DRAFT} } offeredDraft { ${DRAFT} }
  confirmable { readId verdict findings { ${FINDING} } regions { region disposition } comment signedAt }
  endedHold { reasonCode endedAt } myRead { ${READ} } reads { ${READ} }`;
const STEERED = `kind holds { reasonCode reason placedAt } deferrals { reason placedAt }
  priorityChange { from reason changedAt }
  recall { reason proposedAt confirmedAt } needsRecallEvaluation lacksReaders`;
const FLAG = 'studyId reason placedAt';
const MEASURED = 'value low high';
const GROUP = 'group { by key label }';
const LEDGER_ENTRY =
  'index event service seq occurredAt recordedAt actor subject kind sentence leaf';
const GATE =
  'stage policyVersion held criteria { name value low high bound held note parts { by group label cases } }';
const PROPOSAL = `id stage reason proposedBy proposedAt state wanted approvals { capacity by at } gate { ${GATE} }`;
const DEPLOYMENT = `id name site stage stageSince banner pool texturePercent rule model { id name version }
  gate { ${GATE} } proposals { ${PROPOSAL} }`;

interface PageVariables {
  first: number;
  after: string | null;
}
interface FindingInput {
  id?: string | null;
  kind: FindingKind;
  severity: Severity;
  centreMm?: number[] | null;
  diameterMm?: number | null;
  comment?: string;
}
/** What a read says, as the server takes it. */
export interface ReadContentInput {
  findings: FindingInput[];
  regions: { region: number; disposition: Disposition }[];
  comment: string;
}
/** How much of a series was displayed. */
export interface DisplayedInput {
  slices: number;
  slicesFull: number;
  ms: number;
  msFull: number;
}
/** What was displayed before signing. */
export interface ViewingInput {
  original: DisplayedInput;
  image: DisplayedInput;
  originalAloneMs: number;
  regions: { region: number; slices: number[] }[];
  screen: { densityPercent: number; columns: number; rows: number };
}
export interface SignInput extends ReadContentInput {
  caseId: string;
  verdict: Verdict;
  viewing: ViewingInput;
  caseDigest: string;
  username: string | null;
  password?: string;
  /** What the passkey answered, as JSON. */
  passkey?: string;
}
export type Refused<Noun extends string, Value> = { [noun in Noun]: Value | null } & {
  refusal: Refusal | null;
};

export const viewerQuery = document<{ viewer: Viewer | null }>(
  `query Viewer { viewer { ${VIEWER} } }`,
);
export const signInMutation = document<
  { signIn: Refused<'viewer', Viewer> },
  { input: { username: string; password: string } }
>(
  `mutation SignIn($input: SignInInput!) { signIn(input: $input) { viewer { ${VIEWER} } ${REFUSAL} } }`,
);
export const signOutMutation = document<{ signOut: { ok: boolean; refusal: Refusal | null } }>(
  `mutation SignOut { signOut { ok ${REFUSAL} } }`,
);

export const worklistQuery = document<{ worklist: Page<CaseRow> }, PageVariables>(
  `query Worklist($first: Int, $after: String) {
    worklist(first: $first, after: $after) { nodes { ${CASE_ROW} } ${PAGE} } }`,
);
export const casesQuery = document<{ cases: Page<CaseRow> }, PageVariables>(
  `query Cases($first: Int, $after: String) {
    cases(first: $first, after: $after) { nodes { ${CASE_ROW} } ${PAGE} } }`,
);
export const readingCaseQuery = document<{ case: ReadingCase | null }, { id: string }>(
  `query ReadingCase($id: ID!) { case(id: $id) { ${READING_CASE} } }`,
);
/** Null to whoever doesn't hold the case. */
export const priorsQuery = document<{ case: { priors: Prior[] | null } | null }, { id: string }>(
  `query Priors($id: ID!) { case(id: $id) { priors { id studyInstanceUid seriesInstanceUid studyDate studyTime
    studyDescription seriesDescription modality bodyPartExamined instanceCount likeness } } }`,
);
export const caseHistoryQuery = document<{ case: CaseHistory | null }, { id: string }>(
  `query CaseHistory($id: ID!) { case(id: $id) { ${CASE_ROW} caseDigest expiresAt ${STEERED} reads { ${READ} }
    sends { id destination state objects objectsStored attempts nextAttemptAt lastError queuedAt deliveredAt
      remarks { sopInstanceUid role status comment stored } }
    rejectionNotes { ${REJECTION_NOTE} }
    history { ${LEDGER_ENTRY} } } }`,
);
export const openCaseMutation = document<
  { openCase: Refused<'case', ReadingCase> },
  { input: { caseId: string } }
>(
  `mutation OpenCase($input: OpenCaseInput!) {
    openCase(input: $input) { case { ${READING_CASE} } ${REFUSAL} } }`,
);
export const keepCaseMutation = document<
  { openCase: Refused<'case', { id: string; lease: { expiresAt: string } | null }> },
  { input: { caseId: string } }
>(
  `mutation KeepCase($input: OpenCaseInput!) {
    openCase(input: $input) { case { id lease { expiresAt } } ${REFUSAL} } }`,
);
export const saveDraftMutation = document<
  { saveDraft: Refused<'draft', Draft> },
  { input: ReadContentInput & { caseId: string; version: number; verdict: Verdict | null } }
>(
  `mutation SaveDraft($input: SaveDraftInput!) {
    saveDraft(input: $input) { draft { ${DRAFT} } ${REFUSAL} } }`,
);
/** What signing brings back: the case as its signer may see it now. */
export interface SignedCase {
  id: string;
  state: ReadingCase['state'];
  myRead: Read | null;
  reads: Read[];
  /** Until when the read may be taken back; null once it is final. */
  withdrawUntil: string | null;
}
export const signReadMutation = document<
  { signRead: Refused<'case', SignedCase> },
  { input: SignInput }
>(
  `mutation SignRead($input: SignReadInput!) {
    signRead(input: $input) { case { ${SIGNED_CASE} } ${REFUSAL} } }`,
);
export const adjudicateMutation = document<
  { adjudicate: Refused<'case', SignedCase> },
  { input: SignInput }
>(
  `mutation Adjudicate($input: AdjudicateInput!) {
    adjudicate(input: $input) { case { ${SIGNED_CASE} } ${REFUSAL} } }`,
);

export const withdrawReadMutation = document<
  { withdrawRead: Refused<'case', { id: string }> },
  { input: { caseId: string; reason: string } }
>(
  `mutation WithdrawRead($input: WithdrawReadInput!) {
    withdrawRead(input: $input) { case { id } ${REFUSAL} } }`,
);
export const deferCaseMutation = document<
  { deferCase: Refused<'case', { id: string }> },
  { input: { caseId: string; reason: string } }
>(
  `mutation DeferCase($input: DeferCaseInput!) {
    deferCase(input: $input) { case { id } ${REFUSAL} } }`,
);

/** How the viewer's hold stands, without the rest of the case. */
export const holdQuery = document<
  { case: { id: string; state: ReadingCase['state']; endedHold: EndedHold | null } | null },
  { id: string }
>(`query Hold($id: ID!) { case(id: $id) { id state endedHold { reasonCode endedAt } } }`);
type CaseAct<Name extends string> = { [name in Name]: Refused<'case', { id: string }> };
const caseAct = (name: string, input: string) =>
  `mutation ${input}($input: ${input}Input!) { ${name}(input: $input) { case { id } ${REFUSAL} } }`;
export const holdCaseMutation = document<
  CaseAct<'holdCase'>,
  { input: { caseId: string; kind: HoldKind; reason: string } }
>(caseAct('holdCase', 'HoldCase'));
export const resumeCaseMutation = document<CaseAct<'resumeCase'>, { input: { caseId: string } }>(
  caseAct('resumeCase', 'ResumeCase'),
);
export const returnCaseMutation = document<CaseAct<'returnCase'>, { input: { caseId: string } }>(
  caseAct('returnCase', 'ReturnCase'),
);
export const proposeRecallMutation = document<
  CaseAct<'proposeRecall'>,
  { input: { caseId: string; reason: string } }
>(caseAct('proposeRecall', 'ProposeRecall'));
export const confirmRecallMutation = document<
  CaseAct<'confirmRecall'>,
  { input: { caseId: string } }
>(caseAct('confirmRecall', 'ConfirmRecall'));
export const studyFlagsQuery = document<{ studyFlags: StudyFlag[] }>(
  `query StudyFlags { studyFlags { ${FLAG} } }`,
);
export const flagStudyMutation = document<
  { flagStudy: Refused<'flag', StudyFlag> },
  { input: { studyId: string; reason: string } }
>(
  `mutation FlagStudy($input: FlagStudyInput!) {
    flagStudy(input: $input) { flag { ${FLAG} } ${REFUSAL} } }`,
);
export const unflagStudyMutation = document<
  { unflagStudy: Refused<'flag', StudyFlag> },
  { input: { studyId: string } }
>(
  `mutation UnflagStudy($input: UnflagStudyInput!) {
    unflagStudy(input: $input) { flag { ${FLAG} } ${REFUSAL} } }`,
);
export const settleIdentityMutation = document<
  { settleIdentity: Refused<'study', { id: string }> },
  { input: { studyId: string; decision: 'KEEP' | 'TAKE'; reason: string } }
>(
  `mutation SettleIdentity($input: SettleIdentityInput!) {
    settleIdentity(input: $input) { study { id } ${REFUSAL} } }`,
);

export const studiesQuery = document<{ studies: Page<Study> }, PageVariables>(
  `query Studies($first: Int, $after: String) { studies(first: $first, after: $after) {
    nodes { ${STUDY} receivedAt series { id seriesInstanceUid modality bodyPartExamined seriesDescription
      protocolName seriesNumber manufacturer manufacturerModelName convolutionKernel sliceThicknessMm
      fieldStrengthT
      instanceCount sender state parkedReason routing { deployment name matched failedRule }
      runs { id deployment state attempt progress failure requestedAt endedAt } } } ${PAGE} } }`,
);
export const quarantineQuery = document<{ quarantine: Page<Quarantined> }, PageVariables>(
  `query Quarantine($first: Int, $after: String) { quarantine(first: $first, after: $after) {
    nodes { id receivedAt sender reasonCode reason remedy bytes state endedAt endedBy endedReason } ${PAGE} } }`,
);
export const modelsQuery = document<{ models: Model[] }>(
  `query Models { models { id name version task weights intendedUse limits contentQualification regulatoryReference
    trainingSubjects licence publisher manifest card metrics calibrationSubjects uncertaintyRange unit registeredAt } }`,
);
export const deploymentsQuery = document<{ deployments: Deployment[] }>(
  `query Deployments { deployments { ${DEPLOYMENT} } }`,
);
export const proposePromotionMutation = document<
  { proposePromotion: Refused<'proposal', Proposal> },
  { input: { deploymentId: string; stage: Stage; reason: string } }
>(
  `mutation ProposePromotion($input: ProposePromotionInput!) {
    proposePromotion(input: $input) { proposal { ${PROPOSAL} } ${REFUSAL} } }`,
);
export const approvePromotionMutation = document<
  { approvePromotion: Refused<'deployment', Deployment> },
  { input: { proposalId: string; username: string | null; password: string } }
>(
  `mutation ApprovePromotion($input: ApprovePromotionInput!) {
    approvePromotion(input: $input) { deployment { ${DEPLOYMENT} } ${REFUSAL} } }`,
);
export const demoteDeploymentMutation = document<
  { demoteDeployment: Refused<'deployment', Deployment> },
  { input: { deploymentId: string; stage: Stage; reason: string | null } }
>(
  `mutation DemoteDeployment($input: DemoteDeploymentInput!) {
    demoteDeployment(input: $input) { deployment { ${DEPLOYMENT} } ${REFUSAL} } }`,
);
/** What entries are narrowed to; what is null narrows nothing. */
export interface LedgerWanted {
  /** An id that they mention. */
  subject: string | null;
  /** Patient ID or Accession Number, to the letter. */
  patient: string | null;
  /** User name or printed name of who did it. */
  person: string | null;
  since: string | null;
  until: string | null;
}
export const ledgerQuery = document<
  { ledger: Page<LedgerEntry>; ledgerStatus: LedgerStatus },
  PageVariables & LedgerWanted
>(
  `query Ledger($first: Int, $after: String, $subject: ID, $patient: String, $person: String,
    $since: DateTime, $until: DateTime) {
    ledger(first: $first, after: $after, subject: $subject, patient: $patient, person: $person,
      since: $since, until: $until) { nodes { ${LEDGER_ENTRY} } ${PAGE} }
    ledgerStatus { size root checkpoint gaps } }`,
);
export const ledgerHealthQuery = document<{ ledgerHealth: LedgerHealth }>(
  `query LedgerHealth { ledgerHealth { size signed signedAt exported alarms
    witness { name size cosignedAt problem } sources { service last gaps { first last since } } } }`,
);
interface Period {
  from: string;
  to: string;
}
export const qualityFiguresQuery = document<{ qualityFigures: QualityFigures }, Period>(
  `query QualityFigures($from: DateTime!, $to: DateTime!) { qualityFigures(from: $from, to: $to) {
    cases minimum definitions { name text }
    agreement { ${GROUP} count observed { ${MEASURED} } kappa { ${MEASURED} }
      kappaWeighted { ${MEASURED} } ac1 { ${MEASURED} } }
    rates { ${GROUP} kind severity count rate { ${MEASURED} } }
    times { ${GROUP} span count medianSeconds p90Seconds p95Seconds }
    overdue { ${GROUP} count rate { ${MEASURED} } } } }`,
);
/** The cases behind figures: lists can be long, so only the opened kind of figure is asked for. */
export const figureCasesQuery = document<
  { qualityFigures: FigureCases },
  Period & { agreement: boolean; rates: boolean; times: boolean; overdue: boolean }
>(
  `query FigureCases($from: DateTime!, $to: DateTime!, $agreement: Boolean!, $rates: Boolean!,
    $times: Boolean!, $overdue: Boolean!) { qualityFigures(from: $from, to: $to) {
    agreement @include(if: $agreement) { ${GROUP} caseIds differingCaseIds }
    rates @include(if: $rates) { ${GROUP} kind severity caseIds }
    times @include(if: $times) { ${GROUP} span caseIds }
    overdue @include(if: $overdue) { ${GROUP} caseIds } } }`,
);
export const worklistChangedSubscription = document<{ worklistChanged: string }>(
  'subscription WorklistChanged { worklistChanged }',
);
