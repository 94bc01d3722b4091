import { describe, expect, it } from 'vitest';
import { urgencyOf } from './urgency';

describe('a deadline', () => {
  const now = new Date('2026-11-25T12:00:00Z');
  it.each([
    ['2026-11-25T11:59:59Z', 'overdue'],
    ['2026-11-25T12:00:00Z', 'overdue'],
    ['2026-11-25T13:00:00Z', 'soon'],
    ['2026-11-25T13:00:01Z', 'later'],
  ])('at %s is %s', (due, urgency) => {
    expect(urgencyOf(new Date(due), now)).toBe(urgency);
  });
});
