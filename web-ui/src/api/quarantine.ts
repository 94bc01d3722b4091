/** What could not be used: what waits, what it says, and the acts that end it. */
import { document } from './client';
import type { Patient, Refusal } from './types';

/** Attributes that a person may correct in a kept object, in the order of their tags. */
export const CORRECTABLE = [
  'SPECIFIC_CHARACTER_SET',
  'STUDY_DATE',
  'STUDY_TIME',
  'ACCESSION_NUMBER',
  'STUDY_DESCRIPTION',
  'PATIENT_NAME',
  'PATIENT_ID',
  'ISSUER_OF_PATIENT_ID',
  'PATIENT_BIRTH_DATE',
  'PATIENT_SEX',
  'STUDY_INSTANCE_UID',
] as const;
export type CorrectableAttribute = (typeof CORRECTABLE)[number];

/** What can be done about a reason. */
export type QuarantineFix = 'CORRECT' | 'AS_IT_IS' | 'STUDY' | 'RESTORE' | 'SENDER';

export interface QuarantineSummary {
  waiting: number;
  oldestReceivedAt: string | null;
  overdue: number;
  alarmHours: number;
}
/** Entries that wait for the same act: of one study, from one sender, for one reason. */
export interface QuarantineGroup {
  id: string;
  entries: number;
  bytes: number;
  oldestReceivedAt: string;
  newestReceivedAt: string;
  isOverdue: boolean;
  sender: string;
  study: { id: string; accessionNumber: string; patient: Patient } | null;
  reasonCode: string;
  reason: string;
  remedy: string;
  fix: QuarantineFix;
  attributes: CorrectableAttribute[];
}
export interface SentAttribute {
  attribute: CorrectableAttribute;
  value: string;
}
export interface QuarantineOutcome {
  ended: number;
  stillRefused: (Refusal & { entries: number })[];
  left: number;
}
interface ActOnGroup {
  entryId: string;
  receivedUntil: string;
  reason: string;
}
interface Acted {
  outcome: QuarantineOutcome | null;
  refusal: Refusal | null;
}

const REFUSAL = 'code message remedy';
const OUTCOME = `outcome { ended stillRefused { ${REFUSAL} entries } left } refusal { ${REFUSAL} }`;

export const quarantineSummaryQuery = document<{ quarantineSummary: QuarantineSummary }>(
  'query QuarantineSummary { quarantineSummary { waiting oldestReceivedAt overdue alarmHours } }',
);
export const quarantineGroupsQuery = document<{
  quarantineGroups: { groups: QuarantineGroup[]; leftOut: number };
}>(
  `query QuarantineGroups { quarantineGroups { leftOut groups {
    id entries bytes oldestReceivedAt newestReceivedAt isOverdue sender
    study { id accessionNumber patient { name patientId birthDate sex } }
    reasonCode reason remedy fix attributes } } }`,
);
export const quarantineAsSentQuery = document<
  { quarantineAsSent: SentAttribute[] },
  { entryId: string }
>(
  `query QuarantineAsSent($entryId: ID!) {
    quarantineAsSent(entryId: $entryId) { attribute value } }`,
);
export const readmitQuarantinedMutation = document<
  { readmitQuarantined: Acted },
  { input: ActOnGroup & { corrections: SentAttribute[] } }
>(
  `mutation ReadmitQuarantined($input: ReadmitQuarantinedInput!) {
    readmitQuarantined(input: $input) { ${OUTCOME} } }`,
);
export const discardQuarantinedMutation = document<
  { discardQuarantined: Acted },
  { input: ActOnGroup }
>(
  `mutation DiscardQuarantined($input: DiscardQuarantinedInput!) {
    discardQuarantined(input: $input) { ${OUTCOME} } }`,
);
