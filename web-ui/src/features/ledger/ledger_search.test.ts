import { describe, expect, it } from 'vitest';
import { ledgerSearch, pickedActor, wantedOf } from './ledger_search';

const NOTHING = { subject: null, patient: null, person: null, since: null, until: null };

describe('the search of the ledger', () => {
  it('takes from an address what makes sense, and nothing else', () => {
    expect(
      ledgerSearch({ subject: 'case_a', person: '', from: 'yesterday', to: '2026-05-01T12:00' }),
    ).toEqual({ subject: 'case_a', to: '2026-05-01T12:00' });
  });
  it('never takes a patient from an address', () => {
    expect(ledgerSearch({ patient: '4711' })).toEqual({});
  });
  it('asks for nothing that was not wanted', () => {
    expect(wantedOf({}, '')).toEqual(NOTHING);
    expect(wantedOf({ subject: 'case_a' }, '4711')).toEqual({
      ...NOTHING,
      subject: 'case_a',
      patient: '4711',
    });
  });
  it('asks for the whole of the first and of the last minute', () => {
    const { since, until } = wantedOf({ from: '2026-05-01T11:30', to: '2026-05-01T12:00' }, '');
    expect(new Date(String(since))).toEqual(new Date('2026-05-01T11:30:00'));
    expect(new Date(String(until))).toEqual(new Date('2026-05-01T12:00:59.999'));
  });
  it('asks the server for a person, and picks a service out itself', () => {
    expect(wantedOf({ person: 'Demo Quality' }, '').person).toBe('Demo Quality');
    expect(pickedActor({ person: 'Demo Quality' })).toBeNull();
    expect(wantedOf({ person: 'service:review' }, '')).toEqual(NOTHING);
    expect(pickedActor({ person: 'service:review' })).toBe('service:review');
  });
});
