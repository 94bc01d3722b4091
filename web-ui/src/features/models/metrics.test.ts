import { describe, expect, it } from 'vitest';
import { metricSections, printed } from './metrics';

describe('the evaluation', () => {
  const sections = metricSections({
    version: '0.1.0',
    evaluations: [
      {
        kind: 'fold',
        subject: 'lung1',
        doses: [
          {
            fraction: 0.25,
            low_dose: { rmse: 16.1, bias: 0 },
            model: { rmse: 12.5 },
            intervals: { coverage: 0.9 },
            bars: [{ wanted: 'rmse', met: false }],
          },
        ],
      },
    ],
  });

  it('names each section by what tells it apart', () => {
    expect(sections.map(({ title, depth }) => [title, depth])).toEqual([
      ['', 0],
      ['fold · lung1', 1],
      ['fraction 0.2500', 2],
    ]);
  });

  it('sets the model beside what it is compared with', () => {
    expect(sections[2]?.tables[0]).toEqual({
      columns: ['low dose', 'model'],
      rows: [
        { name: 'rmse', cells: [16.1, 12.5] },
        { name: 'bias', cells: [0, null] },
      ],
    });
  });

  it('keeps what shares no measure in a table of its own, and lists as rows', () => {
    expect(sections[2]?.tables[1]).toEqual({
      columns: ['wanted', 'met'],
      rows: [{ name: null, cells: ['rmse', false] }],
    });
    expect(sections[2]?.tables[2]?.columns).toEqual(['intervals']);
  });

  it('prints enough digits to compare', () => {
    expect([16.1253, 0.9722, -3.1579, 24, null].map(printed)).toEqual([
      '16.13',
      '0.9722',
      '−3.16',
      '24',
      '–',
    ]);
  });
});
