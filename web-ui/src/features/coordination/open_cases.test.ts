import { describe, expect, it } from 'vitest';
import type { CaseState } from '../../api/types';
import { casesToSteer, concernsOf } from './open_cases';

const now = new Date('2026-05-01T12:00:00Z');
const found = (state: CaseState, escalatesAt: string, dueAt: string) => ({
  state,
  escalatesAt,
  dueAt,
  holds: [],
  deferrals: [] as { reason: string; placedAt: string }[],
  recall: null as { reason: string; proposedAt: string; confirmedAt: string | null } | null,
  needsRecallEvaluation: false,
  lacksReaders: null as boolean | null,
});
const fresh = found('QUEUED', '2026-05-01T12:50:00Z', '2026-05-01T13:00:00Z');

describe('a case wants a coordinator', () => {
  it('not while its time has hardly begun', () => {
    expect(concernsOf(fresh, now)).toEqual([]);
  });
  it('when its time is running out and nobody has taken it', () => {
    const late = { ...fresh, escalatesAt: '2026-05-01T12:00:00Z' };
    expect(concernsOf(late, now)).toEqual(['dueSoon', 'untaken']);
    expect(concernsOf({ ...late, state: 'READING' }, now)).toEqual(['dueSoon']);
  });
  it('at the very moment when it is due', () => {
    expect(concernsOf({ ...fresh, state: 'READING', dueAt: now.toISOString() }, now)).toEqual([
      'overdue',
    ]);
  });
  it('at once when nobody is there who may read it', () => {
    expect(concernsOf({ ...fresh, lacksReaders: true }, now)).toEqual(['lacksReaders']);
    expect(concernsOf({ ...fresh, lacksReaders: false }, now)).toEqual([]);
  });
  it('when a reader put it off, even though others may still read it', () => {
    const deferrals = [{ reason: 'old images', placedAt: now.toISOString() }];
    expect(concernsOf({ ...fresh, deferrals }, now)).toEqual(['deferred']);
  });
  it('after its release only for a recall', () => {
    const released = found('RELEASED', '2026-04-01T11:00:00Z', '2026-04-01T12:00:00Z');
    expect(concernsOf(released, now)).toEqual([]);
    const recall = { reason: 'wrong side', proposedAt: now.toISOString(), confirmedAt: null };
    expect(concernsOf({ ...released, recall }, now)).toEqual(['recallToConfirm']);
    const done = { ...recall, confirmedAt: now.toISOString() };
    expect(concernsOf({ ...released, recall: done, needsRecallEvaluation: true }, now)).toEqual([]);
    expect(concernsOf({ ...released, needsRecallEvaluation: true }, now)).toEqual([
      'recallToEvaluate',
    ]);
  });
});

describe('the list of a coordinator', () => {
  it('leaves out what is over and puts the nearest deadline first', () => {
    const later = { ...fresh, dueAt: '2026-05-01T14:00:00Z' };
    const over = found('REJECTED', '2026-05-01T09:00:00Z', '2026-05-01T10:00:00Z');
    const list = casesToSteer([later, over, fresh], now);
    expect(list.map(({ found: { dueAt } }) => dueAt)).toEqual([fresh.dueAt, later.dueAt]);
  });
});
