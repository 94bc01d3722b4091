import { describe, expect, it } from 'vitest';
import type { WorklistRow } from '../../api/worklist_documents';
import { chipsOf, narrowed } from './narrow';

const now = new Date('2026-05-01T12:00:00Z');
const row = (name: string, modality: string, bodyPart: string, dueAt: string) =>
  ({
    study: {
      id: name,
      studyInstanceUid: '',
      studyDate: '20260430',
      studyTime: '',
      accessionNumber: `ACC-${name}`,
      studyDescription: 'low dose',
      patient: { name, patientId: `ID-${name}`, birthDate: '', sex: '' },
    },
    source: {
      modality,
      bodyPartExamined: bodyPart,
      seriesDescription: '',
      manufacturer: 'Maker',
      sliceThicknessMm: null,
    },
    model: { id: '', name: 'ct-denoise', version: '1', task: 'denoise' },
    stage: 'GENERAL',
    priority: modality === 'CT' && bodyPart === 'CHEST' ? 'URGENT' : 'STAT',
    escalatesAt: dueAt,
    dueAt,
  }) as WorklistRow;
const chest = row('Yamada^Tarou=山田^太郎', 'CT', 'CHEST', '2026-05-01T11:00:00Z');
const head = row('Smith^Ann', 'CT', 'HEAD', '2026-05-01T15:00:00Z');
const rows = [chest, head];

describe('the search of the worklist', () => {
  it.each([
    ['山田', [chest]],
    ['smith', [head]],
    ['acc-smith ann', [head]],
    ['low dose', rows],
    ['smith chest', []],
    ['  ', rows],
  ])('for "%s" finds who is meant', (words, found) => {
    expect(narrowed(rows, words, [], now)).toEqual(found);
  });
});

describe('chips', () => {
  it('are offered only where they would part the rows', () => {
    expect(chipsOf(rows, now)).toEqual([
      { by: 'overdue' },
      { by: 'priority', value: 'STAT' },
      { by: 'priority', value: 'URGENT' },
      { by: 'modality', value: 'CT chest' },
      { by: 'modality', value: 'CT head' },
    ]);
    expect(chipsOf([chest], now)).toEqual([]);
  });
  it('of one field widen, of two fields narrow', () => {
    const [late] = chipsOf(rows, now);
    const [first, second] = chipsOf(rows, now).filter(({ by }) => by === 'modality');
    if (!late || !first || !second) throw new Error('chips are missing');
    expect(narrowed(rows, '', [first, second], now)).toEqual(rows);
    expect(narrowed(rows, '', [late, second], now)).toEqual([]);
  });
});
