/** Comparisons of models, and the pairs that readers answer without knowing which model is which. */
import { document } from './client';
import type { Refused } from './documents';
import type { Availability, ReadingCase } from './types';

const REFUSAL = 'refusal { code message remedy }';
const ERRORS = 'invented lost distorted worst marks { kind centreMm diameterMm }';
const PAIR = `id availability expiresAt answeredAt
  study { id studyInstanceUid studyDate studyTime accessionNumber studyDescription
    patient { name patientId birthDate sex } }
  source { id seriesInstanceUid modality bodyPartExamined seriesDescription manufacturer
    sliceThicknessMm instances { sopInstanceUid slice } }
  images { a { sopInstanceUid slice } b { sopInstanceUid slice } }
  answer { preference a { ${ERRORS} } b { ${ERRORS} } }`;
const PLAN = 'margin alpha looks readers drawPerMille futility { alternative limit }';
const LOOK = `number pairs champion challenger share low high needed powerLeft decision lookedAt
  measures { measured pairs champion challenger difference low high }`;
const COMPARISON = `id championId challengerId plan { ${PLAN} } reason startedBy startedAt state pairs
  looks { ${LOOK} } endedAt endedBy endedReason
  read { pair championCase challengerCase outcome
    errors { champion { ${ERRORS} } challenger { ${ERRORS} } } }`;

export const PREFERENCES = ['A_MUCH', 'A', 'NEITHER', 'B', 'B_MUCH'] as const;
export type Preference = (typeof PREFERENCES)[number];
export type WorstError = 'MINOR' | 'MAJOR' | 'CRITICAL';
export const WORST_ERRORS: readonly WorstError[] = ['MINOR', 'MAJOR', 'CRITICAL'];

export const ERROR_KINDS = ['INVENTED', 'LOST', 'DISTORTED'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Where an error is: patient coordinates (LPS), mm. */
export interface ErrorMark {
  kind: ErrorKind;
  centreMm: number[];
  diameterMm: number;
}

export interface SideErrors {
  invented: number;
  lost: number;
  distorted: number;
  worst: WorstError | null;
  marks: ErrorMark[];
}

/** What readers found wrong on the images of a pair, one by one. */
export interface PairErrors {
  champion: SideErrors[];
  challenger: SideErrors[];
}

export interface PairAnswer {
  preference: Preference;
  a: SideErrors;
  b: SideErrors;
}

interface PairImage {
  sopInstanceUid: string;
  slice: number;
}

export interface ComparisonPair {
  id: string;
  availability: Availability;
  expiresAt: string | null;
  answeredAt: string | null;
  study: ReadingCase['study'];
  source: ReadingCase['source'];
  images: { a: PairImage[]; b: PairImage[] } | null;
  answer: PairAnswer | null;
}

export interface ComparisonPlan {
  margin: number;
  alpha: number;
  looks: number[];
  readers: number;
  drawPerMille: number;
  /** When it ends early because it would hardly show any more what it asks for. */
  futility: { alternative: number; limit: number } | null;
}

export interface ComparisonDesign {
  looks: {
    pairs: number;
    preferences: number;
    bound: number;
    spent: number;
    needed: number | null;
    futile: number | null;
  }[];
  behaviour: { truth: number; shown: number; futile: number; pairs: number }[];
}

export type LookDecision = 'GO_ON' | 'BETTER' | 'NOT_WORSE' | 'NOT_SHOWN' | 'FUTILE';
export type Measured = 'DOMAIN_SCORE' | 'CONSISTENCY' | 'WIDE_REGIONS' | 'COMPUTE_SECONDS';

export interface PairedMeasure {
  measured: Measured;
  pairs: number;
  champion: number;
  challenger: number;
  difference: number;
  low: number | null;
  high: number | null;
}

export interface ComparisonLook {
  number: number;
  pairs: number;
  champion: number;
  challenger: number;
  share: number | null;
  low: number;
  high: number;
  needed: number | null;
  powerLeft: number | null;
  decision: LookDecision;
  lookedAt: string;
  measures: PairedMeasure[];
}

export interface Comparison {
  id: string;
  championId: string;
  challengerId: string;
  plan: ComparisonPlan;
  reason: string;
  startedBy: string;
  startedAt: string;
  state: 'OPEN' | 'DECIDED' | 'GIVEN_UP';
  pairs: number;
  looks: ComparisonLook[];
  endedAt: string | null;
  endedBy: string | null;
  endedReason: string | null;
  read: ReadPair[];
}

/** A pair of a comparison that is over. */
export interface ReadPair {
  pair: string;
  championCase: string;
  challengerCase: string;
  outcome: 'CHAMPION' | 'CHALLENGER' | 'NEITHER';
  /** To quality only. */
  errors: PairErrors | null;
}

export const comparisonPairsQuery = document<{ comparisonPairs: ComparisonPair[] }>(
  `query ComparisonPairs { comparisonPairs { ${PAIR} } }`,
);
export const openComparisonPairMutation = document<
  { openComparisonPair: Refused<'pair', ComparisonPair> },
  { input: { pairId: string } }
>(
  `mutation OpenComparisonPair($input: OpenComparisonPairInput!) {
    openComparisonPair(input: $input) { pair { ${PAIR} } ${REFUSAL} } }`,
);
export const answerComparisonPairMutation = document<
  { answerComparisonPair: Refused<'pair', ComparisonPair> },
  {
    input: PairAnswer & {
      pairId: string;
      shownDigest: string;
      username: string | null;
      password: string;
    };
  }
>(
  `mutation AnswerComparisonPair($input: AnswerComparisonPairInput!) {
    answerComparisonPair(input: $input) { pair { ${PAIR} } ${REFUSAL} } }`,
);
export const comparisonsQuery = document<{ comparisons: Comparison[] }>(
  `query Comparisons { comparisons { ${COMPARISON} } }`,
);
export const comparisonDesignQuery = document<
  { comparisonDesign: ComparisonDesign },
  { plan: ComparisonPlan; noPreference: number }
>(
  `query ComparisonDesign($plan: ComparisonPlanInput!, $noPreference: Float!) {
    comparisonDesign(plan: $plan, noPreference: $noPreference) {
      looks { pairs preferences bound spent needed futile }
      behaviour { truth shown futile pairs } } }`,
);
export const startComparisonMutation = document<
  { startComparison: Refused<'comparison', Comparison> },
  {
    input: { championId: string; challengerId: string; plan: ComparisonPlan; reason: string };
  }
>(
  `mutation StartComparison($input: StartComparisonInput!) {
    startComparison(input: $input) { comparison { ${COMPARISON} } ${REFUSAL} } }`,
);
export const giveUpComparisonMutation = document<
  { giveUpComparison: Refused<'comparison', Comparison> },
  { input: { comparisonId: string; reason: string } }
>(
  `mutation GiveUpComparison($input: GiveUpComparisonInput!) {
    giveUpComparison(input: $input) { comparison { ${COMPARISON} } ${REFUSAL} } }`,
);
