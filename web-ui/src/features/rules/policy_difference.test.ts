import { describe, expect, it } from 'vitest';
import type { PolicyValues } from '../../api/oversight_types';
import { changedValues, differences, isWithin, RULE_NAMES, weakens } from './policy_difference';

const rules: PolicyValues = {
  finalisationMinutes: 10,
  leaseMinutes: 15,
  leaseHoursMax: 4,
  firstCallMinutes: 15,
  dueMinutes: 1440,
  dueMinutesStat: 30,
  dueMinutesUrgent: 120,
  dueMinutesOffPeak: 4320,
  escalatesPercentStat: 50,
  escalatesPercentUrgent: 50,
  escalatesPercentRoutine: 80,
  escalatesPercentOffPeak: 80,
  expiresAfterHours: 72,
  requireRegionDispositions: true,
  requireCredentials: true,
  adjudicatorsTakeFirstSlots: false,
  decoyPerMille: 50,
  sentinelPerMille: 10,
  repeatPerMille: 10,
  repeatAfterDays: 30,
  evaluationPerMille: 250,
  evaluationExpiresAfterHours: 504,
};

describe('two versions of the rules', () => {
  it('that are alike differ in nothing', () => {
    expect(differences(rules, { ...rules })).toEqual([]);
  });
  it('differ in each rule that was changed, and the server is told no other', () => {
    const after = { ...rules, leaseMinutes: 20, requireCredentials: false };
    expect(differences(rules, after)).toEqual([
      { rule: 'leaseMinutes', before: 15, after: 20 },
      { rule: 'requireCredentials', before: true, after: false },
    ]);
    expect(changedValues(rules, after)).toEqual({ leaseMinutes: 20, requireCredentials: false });
  });
  it('are compared in every rule that there is', () => {
    expect([...RULE_NAMES].sort()).toEqual(Object.keys(rules).sort());
  });
});

describe('a change', () => {
  it('that takes a safeguard away is told from one that adds it', () => {
    const change = { rule: 'requireCredentials', before: true, after: false } as const;
    expect(weakens(change)).toBe(true);
    expect(weakens({ ...change, before: false, after: true })).toBe(false);
    expect(weakens({ rule: 'sentinelPerMille', before: 10, after: 0 })).toBe(true);
    expect(weakens({ rule: 'leaseMinutes', before: 15, after: 5 })).toBe(false);
  });
  it('keeps the bounds of its rule, both of them among them', () => {
    expect([0, 60, 61, -1, 1.5].map((value) => isWithin('finalisationMinutes', value))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
