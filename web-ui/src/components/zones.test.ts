import { afterEach, describe, expect, it } from 'vitest';
import { ageAtStudy } from './patient';
import { dicomDate, exactTime, relativeTime } from './time';
import { urgencyOf } from './urgency';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Pacific/Honolulu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
];
const before = process.env.TZ;
const MINUTE = 60_000;

afterEach(() => {
  process.env.TZ = before;
});

describe('times where clocks are turned', () => {
  it.each(ZONES)('r39_dates_of_a_study_are_shown_as_they_are_stored in %s', (zone) => {
    process.env.TZ = zone;
    // Stored at 23:30 on 1 July, and a birth date whose study says −1000: neither is a moment, so no zone moves it.
    expect(dicomDate('20260701')).toBe('2026-07-01');
    expect(dicomDate('19600101')).toBe('1960-01-01');
    expect(dicomDate('')).toBe('');
    expect(ageAtStudy('19600101', '20251231')).toBe(65);
    expect(ageAtStudy('19600101', '20260101')).toBe(66);
  });

  it.each(ZONES)('r39_what_is_due_comes_nearer_without_jump_or_repeat in %s', (zone) => {
    process.env.TZ = zone;
    for (const night of ['2026-10-24T20:00:00Z', '2026-03-28T20:00:00Z', '2026-11-01T00:00:00Z']) {
      const start = new Date(night).getTime();
      const due = new Date(start + 30 * 60 * MINUTE);
      const escalatesAt = new Date(due.getTime() - 60 * MINUTE).toISOString();
      const deadline = { escalatesAt, dueAt: due.toISOString() };
      let last = Number.POSITIVE_INFINITY;
      for (let at = start; at < due.getTime(); at += MINUTE) {
        const now = new Date(at);
        const said = relativeTime(due, now, 'en');
        const [, number = '0', unit = ''] = /in (\d+) (\w+?)s?$/.exec(said) ?? [];
        const minutes = Number(number) * (unit === 'hour' ? 60 : 1);
        const left = said === 'tomorrow' ? 24 * 60 : minutes;
        expect(left, `${now.toISOString()}: ${said}`).toBeLessThanOrEqual(last);
        expect(Math.abs(left - (due.getTime() - at) / MINUTE)).toBeLessThanOrEqual(6 * 60);
        last = left;
        const soon = due.getTime() - at <= 60 * MINUTE;
        expect(urgencyOf(deadline, now)).toBe(soon ? 'soon' : 'later');
      }
      expect(urgencyOf(deadline, due)).toBe('overdue');
    }
  });

  it('r39_a_time_that_comes_twice_says_which_of_the_two_it_is', () => {
    process.env.TZ = 'Europe/Berlin';
    const [first, second] = ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z'].map(
      (at) => new Date(at),
    );
    if (!first || !second) throw new Error('there are two');
    expect(exactTime(first)).toBe('2026-10-25 02:30:00 +02:00');
    expect(exactTime(second)).toBe('2026-10-25 02:30:00 +01:00');
    expect(exactTime(new Date('2026-10-25T12:00:00Z'))).toBe('2026-10-25 13:00:00');
    expect(exactTime(new Date('2026-07-01T21:30:00Z'))).toBe('2026-07-01 23:30:00');
  });
});
