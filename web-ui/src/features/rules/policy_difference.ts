/** What two versions of the rules of reading differ in; pure. */
import type { PolicyValues } from '../../api/oversight_types';

export type RuleName = keyof PolicyValues;

interface NumberRule {
  kind: 'minutes' | 'hours' | 'days' | 'percent' | 'perMille';
  min: number;
  max: number;
}
/** Every rule in the order of the page, with the bounds that the server keeps. */
export const RULES: Record<RuleName, NumberRule | { kind: 'yesNo' }> = {
  dueMinutesStat: { kind: 'minutes', min: 1, max: 43_200 },
  dueMinutesUrgent: { kind: 'minutes', min: 1, max: 43_200 },
  dueMinutes: { kind: 'minutes', min: 1, max: 43_200 },
  dueMinutesOffPeak: { kind: 'minutes', min: 1, max: 43_200 },
  escalatesPercentStat: { kind: 'percent', min: 10, max: 100 },
  escalatesPercentUrgent: { kind: 'percent', min: 10, max: 100 },
  escalatesPercentRoutine: { kind: 'percent', min: 10, max: 100 },
  escalatesPercentOffPeak: { kind: 'percent', min: 10, max: 100 },
  expiresAfterHours: { kind: 'hours', min: 1, max: 8_760 },
  finalisationMinutes: { kind: 'minutes', min: 0, max: 60 },
  leaseMinutes: { kind: 'minutes', min: 1, max: 120 },
  leaseHoursMax: { kind: 'hours', min: 1, max: 24 },
  firstCallMinutes: { kind: 'minutes', min: 0, max: 120 },
  requireCredentials: { kind: 'yesNo' },
  requireRegionDispositions: { kind: 'yesNo' },
  adjudicatorsTakeFirstSlots: { kind: 'yesNo' },
  decoyPerMille: { kind: 'perMille', min: 0, max: 1_000 },
  sentinelPerMille: { kind: 'perMille', min: 0, max: 100 },
  repeatPerMille: { kind: 'perMille', min: 0, max: 100 },
  repeatAfterDays: { kind: 'days', min: 1, max: 365 },
  evaluationPerMille: { kind: 'perMille', min: 0, max: 1_000 },
  evaluationExpiresAfterHours: { kind: 'hours', min: 1, max: 8_760 },
};
export const RULE_NAMES = Object.keys(RULES) as RuleName[];

export interface RuleChange {
  rule: RuleName;
  before: number | boolean;
  after: number | boolean;
}

export function differences(before: PolicyValues, after: PolicyValues): RuleChange[] {
  return RULE_NAMES.filter((rule) => before[rule] !== after[rule]).map((rule) => ({
    rule,
    before: before[rule],
    after: after[rule],
  }));
}

/** The changed rules alone, as the server takes them. */
export const changedValues = (before: PolicyValues, after: PolicyValues): Partial<PolicyValues> =>
  Object.fromEntries(differences(before, after).map(({ rule, after: value }) => [rule, value]));

/** Whether a value keeps its bounds. */
export function isWithin(rule: RuleName, value: number | boolean): boolean {
  const bounds = RULES[rule];
  if (bounds.kind === 'yesNo') return typeof value === 'boolean';
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value >= bounds.min &&
    value <= bounds.max
  );
}

/** Rules whose change makes the double reading weaker, of which the page warns. */
export function weakens({ rule, before, after }: RuleChange): boolean {
  switch (rule) {
    case 'requireCredentials':
    case 'requireRegionDispositions':
      return before === true && after === false;
    case 'finalisationMinutes':
    case 'decoyPerMille':
    case 'sentinelPerMille':
    case 'repeatPerMille':
      return after < before;
    case 'dueMinutes':
    case 'dueMinutesStat':
    case 'dueMinutesUrgent':
    case 'dueMinutesOffPeak':
    case 'escalatesPercentStat':
    case 'escalatesPercentUrgent':
    case 'escalatesPercentRoutine':
    case 'escalatesPercentOffPeak':
    case 'expiresAfterHours':
    case 'leaseMinutes':
    case 'leaseHoursMax':
    case 'firstCallMinutes':
    case 'adjudicatorsTakeFirstSlots':
    case 'repeatAfterDays':
    case 'evaluationPerMille':
    case 'evaluationExpiresAfterHours':
      return false;
    default:
      return rule satisfies never;
  }
}
