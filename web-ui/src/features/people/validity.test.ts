import { describe, expect, it } from 'vitest';
import { endOfDay, validityOf } from './validity';

const now = new Date('2026-05-01T12:00:00Z');
const dated = (validUntil: string) => ({
  validFrom: '2026-01-01T00:00:00Z',
  validUntil,
  revokedAt: null as string | null,
});

describe('a credential', () => {
  it.each([
    ['2026-05-01T12:00:00Z', 'ended'],
    ['2026-05-31T12:00:00Z', 'endsSoon'],
    ['2026-05-31T12:00:01Z', 'valid'],
  ])('until %s is %s', (until, validity) => {
    expect(validityOf(dated(until), now)).toBe(validity);
  });
  it('that was taken back stays so, however long it would have held', () => {
    const revoked = { ...dated('2030-01-01T00:00:00Z'), revokedAt: now.toISOString() };
    expect(validityOf(revoked, now)).toBe('revoked');
  });
  it('can begin later', () => {
    const later = { ...dated('2030-01-01T00:00:00Z'), validFrom: '2026-06-01T00:00:00Z' };
    expect(validityOf(later, now)).toBe('notYet');
  });
  it('holds through the whole of its last day', () => {
    expect(new Date(endOfDay('2026-05-01')).getHours()).toBe(23);
  });
});
