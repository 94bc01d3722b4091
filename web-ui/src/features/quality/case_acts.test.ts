import { describe, expect, it } from 'vitest';
import { actsOf } from './case_acts';

const at = '2026-05-01T10:00:00Z';
const common = { kind: 'CLINICAL', recall: null } as const;
const open = { ...common, state: 'READING' as const, holds: [], deferrals: [] };
const hold = (reasonCode: string) => ({ reasonCode, reason: 'why', placedAt: at });
const released = { ...open, state: 'RELEASED' } as const;

describe('a case under way', () => {
  it('can be held, put aside, and its study investigated, by a coordinator', () => {
    expect(actsOf(open, ['COORDINATOR'], false)).toEqual(['hold', 'defer', 'revoke', 'flag']);
  });
  it('that a coordinator holds can be resumed, and not held twice', () => {
    const held = { ...open, state: 'HELD', holds: [hold('coordinator')] } as const;
    expect(actsOf({ ...held, holds: [...held.holds] }, ['QUALITY'], false)).toEqual([
      'resume',
      'defer',
      'flag',
    ]);
  });
  it('that its stage holds is resumed by nobody by hand', () => {
    const held = { ...open, state: 'HELD' as const, holds: [hold('deployment_stage')] };
    expect(actsOf(held, ['QUALITY'], false)).not.toContain('resume');
  });
  it('that a reader put off can be returned', () => {
    const deferred = { ...open, deferrals: [{ reason: 'unsure', placedAt: at }] };
    expect(actsOf(deferred, ['COORDINATOR'], false)).toEqual(['hold', 'return', 'revoke', 'flag']);
  });
  it('that nobody has taken has nobody to take it from', () => {
    expect(actsOf({ ...open, state: 'QUEUED' }, ['QUALITY'], false)).not.toContain('revoke');
  });
  it('whose study came under another identity waits for somebody to decide whose it is', () => {
    const held = { ...open, state: 'HELD' as const, holds: [hold('identity')] };
    for (const role of ['COORDINATOR', 'QUALITY'] as const) {
      expect(actsOf(held, [role], false).slice(0, 2)).toEqual(['keepIdentity', 'takeIdentity']);
    }
    expect(actsOf(held, ['ADMINISTRATOR'], false)).toEqual([]);
  });
  it('is only looked at by an administrator', () => {
    expect(actsOf(open, ['ADMINISTRATOR'], false)).toEqual([]);
  });
});

describe('a case that is over', () => {
  it('is held no more; a released one can be recalled by quality, not by a coordinator', () => {
    expect(actsOf(released, ['QUALITY'], false)).toEqual(['flag', 'proposeRecall']);
    expect(actsOf(released, ['COORDINATOR'], false)).toEqual(['flag']);
  });
  it('whose recall is proposed waits for the confirmation, and then for nothing', () => {
    const recall = { reason: 'wrong', proposedAt: at, confirmedAt: null };
    expect(actsOf({ ...released, recall }, ['QUALITY'], true)).toEqual(['unflag', 'confirmRecall']);
    const recalled = {
      ...released,
      state: 'RECALLED' as const,
      recall: { ...recall, confirmedAt: at },
    };
    expect(actsOf(recalled, ['QUALITY'], true)).toEqual(['unflag']);
  });
  it('without a release has nothing to recall, but may test readers from now on', () => {
    const rejected = { ...open, state: 'REJECTED' as const };
    expect(actsOf(rejected, ['QUALITY'], false)).toEqual(['flag', 'markSentinel']);
    expect(actsOf(rejected, ['COORDINATOR'], false)).toEqual(['flag']);
  });
  it('that tests readers is never made into another test', () => {
    const test = { ...open, state: 'REJECTED' as const, kind: 'SENTINEL' as const };
    expect(actsOf(test, ['QUALITY'], false)).toEqual(['flag']);
  });
});
