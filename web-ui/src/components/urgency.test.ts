import { describe, expect, it } from 'vitest';
import { urgencyOf } from './urgency';

describe('a deadline', () => {
  const deadline = { escalatesAt: '2026-11-25T12:00:00Z', dueAt: '2026-11-25T13:00:00Z' };
  it.each([
    ['2026-11-25T11:59:59Z', 'later'],
    ['2026-11-25T12:00:00Z', 'soon'],
    ['2026-11-25T12:59:59Z', 'soon'],
    ['2026-11-25T13:00:00Z', 'overdue'],
  ])('at %s is %s', (now, urgency) => {
    expect(urgencyOf(deadline, new Date(now))).toBe(urgency);
  });
});
