/** What coordinators, quality and administrators see around the reads. */
import type { CaseRecall, CaseRow, Deferral, Hold, Priority, Purpose, Verdict } from './types';

export type CaseKind = 'CLINICAL' | 'SENTINEL' | 'REPEAT';

/** What the acts on a case need to know of it. */
export interface SteeredCase extends CaseRow {
  expiresAt: string;
  /** For quality only. */
  kind: CaseKind | null;
  holds: Hold[];
  deferrals: Deferral[];
  /** The last change of its priority by a person. */
  priorityChange: { from: Priority; reason: string; changedAt: string } | null;
  recall: CaseRecall | null;
  needsRecallEvaluation: boolean;
  /** Whether fewer people may read it than it still needs; null where no credentials are asked for. */
  lacksReaders: boolean | null;
}
/** That somebody may read a modality for a use. */
export interface Credential {
  id: string;
  username: string;
  modality: string;
  task: string;
  purpose: Purpose;
  validFrom: string;
  validUntil: string;
  revokedAt: string | null;
}
/** That somebody is too close to a study or a deployment to read it. */
export interface Conflict {
  id: string;
  username: string;
  studyId: string | null;
  deploymentId: string | null;
  reason: string;
  declaredAt: string;
}
/** A read of a sentinel or a repeat. */
export interface QualitySample {
  caseId: string;
  kind: CaseKind;
  ofCaseId: string;
  printedName: string;
  verdict: Verdict;
  /** Null when the reader could not judge. */
  agrees: boolean | null;
  signedAt: string;
}
/** The values of the rules of reading, which can be changed. */
export interface PolicyValues {
  finalisationMinutes: number;
  leaseMinutes: number;
  leaseHoursMax: number;
  firstCallMinutes: number;
  dueMinutes: number;
  dueMinutesStat: number;
  dueMinutesUrgent: number;
  dueMinutesOffPeak: number;
  escalatesPercentStat: number;
  escalatesPercentUrgent: number;
  escalatesPercentRoutine: number;
  escalatesPercentOffPeak: number;
  expiresAfterHours: number;
  requireRegionDispositions: boolean;
  requireCredentials: boolean;
  adjudicatorsTakeFirstSlots: boolean;
  decoyPerMille: number;
  sentinelPerMille: number;
  repeatPerMille: number;
  repeatAfterDays: number;
  evaluationPerMille: number;
  evaluationExpiresAfterHours: number;
}
/** A version of the rules of reading. */
export interface ReviewPolicy extends PolicyValues {
  version: string;
  reason: string;
  /** Account of who put them in force; null for the rules of the configuration, as the time is. */
  adoptedBy: string | null;
  adoptedAt: string | null;
}
