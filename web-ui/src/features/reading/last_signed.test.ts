import { describe, expect, it } from 'vitest';
import { keepLastSigned, lastSignedOf } from './last_signed';

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  };
}

describe('the case that was signed last', () => {
  it('is known to the one who signed it, with the time until when it can be taken back', () => {
    const store = memory();
    const signed = { caseId: 'case_a', withdrawUntil: '2026-03-01T12:15:00Z' };
    keepLastSigned('usr_a', signed, store);
    expect(lastSignedOf('usr_a', store)).toEqual(signed);
    expect(lastSignedOf('usr_b', store)).toBeNull();
    keepLastSigned('usr_a', { caseId: 'case_b', withdrawUntil: null }, store);
    expect(lastSignedOf('usr_a', store)).toEqual({ caseId: 'case_b', withdrawUntil: null });
  });

  it('is none where what is stored is unsound', () => {
    const store = memory();
    for (const text of ['{"caseId":7,"withdrawUntil":"never"}', 'not JSON', 'null']) {
      store.setItem('countersign.last-signed.usr_a', text);
      expect(lastSignedOf('usr_a', store)).toBeNull();
    }
  });
});
