/** What is unusual, control charts and drift: the question and its answer. */
import { document } from './client';
import type { Measured } from './types';

export type WatchedOutcome = 'DISCORDANT' | 'REJECTED' | 'INVENTED' | 'LOST' | 'DISTORTED';
export type ChartBy = 'WEEK' | 'SCANNER' | 'MODEL' | 'DEPLOYMENT';
export type DriftStatistic =
  | 'SCANNER'
  | 'SOFTWARE'
  | 'KERNEL'
  | 'PROTOCOL'
  | 'SLICE_THICKNESS'
  | 'PIXEL_SPACING'
  | 'NOISE'
  | 'DOMAIN_SCORE'
  | 'CONSISTENCY_SCORE'
  | 'AGREEMENT_SCORE'
  | 'READING_TIME'
  | 'DISCORDANT'
  | 'REJECTED';
export type NoticeKind =
  | 'OUTCOME_HIGH'
  | 'OUTCOME_LOW'
  | 'DRIFT'
  | 'SLOWER'
  | 'FASTER'
  | 'CRITICAL'
  | 'VOLUME'
  | 'AGREEMENT'
  | 'CALM';

export interface QualityNotice {
  kind: NoticeKind;
  isUnusual: boolean;
  outcome: WatchedOutcome | null;
  statistic: DriftStatistic | null;
  /** The group; empty where all cases are meant. */
  label: string;
  /** Cases or seconds. */
  value: number;
  count: number;
  low: number | null;
  high: number | null;
  caseIds: string[];
}
export interface ChartPoint {
  label: string;
  found: number;
  count: number;
  low: number;
  high: number;
  isOutside: boolean;
  caseIds: string[];
}
export interface ControlChart {
  outcome: WatchedOutcome;
  by: ChartBy;
  centre: number;
  points: ChartPoint[];
}
export interface FlaggedFigure {
  label: string;
  count: number;
  findings: number;
  inside: Measured | null;
  flaggedCm3: number | null;
  caseIds: string[];
}
export interface DomainFigure {
  from: number;
  to: number;
  count: number;
  rate: Measured | null;
  caseIds: string[];
}
export interface DriftFigure {
  statistic: DriftStatistic;
  reference: number;
  recent: number;
  psi: number;
  p: number;
  q: number;
  isChanged: boolean;
  caseIds: string[];
}
export interface DriftAlarm {
  statistic: DriftStatistic;
  share: number;
  caseId: string;
  at: string;
}
export interface QualityWatch {
  unusual: QualityNotice[];
  charts: ControlChart[];
  flagged: FlaggedFigure[];
  domain: DomainFigure[];
  drift: DriftFigure[];
  driftJointlyP: number | null;
  alarms: DriftAlarm[];
  minimum: number;
  definitions: { name: string; text: string }[];
}

const MEASURED = 'value low high';

export const qualityWatchQuery = document<
  { qualityWatch: QualityWatch },
  { from: string; to: string }
>(
  `query QualityWatch($from: DateTime!, $to: DateTime!) { qualityWatch(from: $from, to: $to) {
    unusual { kind isUnusual outcome statistic label value count low high caseIds }
    charts { outcome by centre points { label found count low high isOutside caseIds } }
    flagged { label count findings inside { ${MEASURED} } flaggedCm3 caseIds }
    domain { from to count rate { ${MEASURED} } caseIds }
    drift { statistic reference recent psi p q isChanged caseIds }
    driftJointlyP alarms { statistic share caseId at } minimum definitions { name text } } }`,
);
