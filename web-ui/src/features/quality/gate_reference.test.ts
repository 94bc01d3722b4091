import { describe, expect, it } from 'vitest';
import { gateOfSearch } from './gate_reference';

describe('an address of cases behind a gate', () => {
  const gate = 'deployment_0123456789abcdefghjkmnpqrs';
  const group = '0123456789abcdef0123456789abcdef';

  it('gives the same part back', () => {
    for (const wanted of [
      { gate, counted: 'NOT_ACCEPTED' },
      { gate, counted: 'SCANNER', group },
    ]) {
      expect(gateOfSearch(wanted)).toEqual(wanted);
    }
  });

  it('that names half a part, or words of a group, names none', () => {
    expect(gateOfSearch({})).toBeNull();
    expect(gateOfSearch({ gate, counted: 'EVERYBODY' })).toBeNull();
    expect(gateOfSearch({ gate: 'case_1', counted: 'ALL' })).toBeNull();
    expect(gateOfSearch({ gate, counted: 'SEX', group: 'F' })).toBeNull();
  });
});
