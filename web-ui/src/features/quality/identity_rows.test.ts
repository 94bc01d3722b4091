import { describe, expect, it } from 'vitest';
import type { Identity } from '../../api/identity';
import { identityRows } from './identity_rows';

const stands: Identity = {
  studyInstanceUid: '1.2.3',
  patient: { name: 'Adams^Ruth', patientId: '17', issuer: 'EAST', birthDate: '19600101', sex: 'F' },
  studyDate: '20260102',
  studyTime: '120000',
  accessionNumber: 'A1',
  studyDescription: 'Chest',
};

describe('two identities side by side', () => {
  it('show what differs, and lose nothing of what does not', () => {
    const patient = { ...stands.patient, patientId: '18' };
    const came = { ...stands, patient, accessionNumber: 'A2' };
    const { differing, same } = identityRows(stands, [came], 'en');
    expect(differing.map(({ name }) => name)).toEqual(['patientId', 'accessionNumber']);
    expect(differing[0]).toEqual({ name: 'patientId', stands: '17', came: ['18'] });
    expect(same).toHaveLength(8);
  });
  it('tell two claims apart', () => {
    const other = { ...stands, patient: { ...stands.patient, issuer: 'WEST' } };
    const { differing } = identityRows(stands, [stands, other], 'en');
    expect(differing[0]).toEqual({ name: 'issuer', stands: 'EAST', came: ['EAST', 'WEST'] });
  });
});
