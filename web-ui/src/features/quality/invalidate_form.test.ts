import { describe, expect, it } from 'vitest';
import { mayInvalidate } from './invalidate_form';

const hold = (reasonCode: string) => ({
  reasonCode,
  reason: 'why',
  placedAt: '2026-05-01T10:00:00Z',
});

describe('a signature', () => {
  it('can be found not to count while a person holds the case, and no sooner', () => {
    expect(mayInvalidate({ state: 'HELD', holds: [hold('coordinator')] })).toBe(true);
    expect(mayInvalidate({ state: 'HELD', holds: [hold('deployment_stage')] })).toBe(false);
    expect(mayInvalidate({ state: 'READING', holds: [] })).toBe(false);
  });
  it('of a case that is over stays as it is', () => {
    expect(mayInvalidate({ state: 'RELEASED', holds: [hold('coordinator')] })).toBe(false);
  });
});
