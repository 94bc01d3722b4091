import { describe, expect, it } from 'vitest';
import type { FigureCases } from '../../api/types';
import {
  figureOfSearch,
  figuresSearch,
  lastDays,
  momentsOf,
  openedFigure,
} from './figure_reference';

const all = { by: 'ALL', key: 'all' } as const;
const may = { by: 'MONTH', key: '2026-05' } as const;
const allGroup = { ...all, label: 'all cases' };
const mayGroup = { ...may, label: 'May' };
const days = { from: '2026-05-01', to: '2026-05-31' };
const cases: FigureCases = {
  agreement: [
    { group: allGroup, caseIds: ['a', 'b', 'c'], differingCaseIds: ['b', 'c'] },
    { group: mayGroup, caseIds: ['c'], differingCaseIds: ['c'] },
  ],
  rates: [
    { group: allGroup, kind: 'INVENTED', severity: 'MINOR', caseIds: ['a', 'b'] },
    { group: allGroup, kind: 'INVENTED', severity: 'MAJOR', caseIds: ['b'] },
    { group: mayGroup, kind: 'LOST', severity: 'MINOR', caseIds: ['c'] },
  ],
  times: [{ group: allGroup, span: 'READING', caseIds: ['c', 'a', 'b'] }],
};

const caseIdsOf = (...asked: Parameters<typeof openedFigure>) => openedFigure(...asked).caseIds;

describe('a number of the figures opens', () => {
  it('the cases of its own group and no others', () => {
    expect(caseIdsOf(cases, { ...days, ...may, figure: 'differing' })).toEqual(['c']);
    expect(caseIdsOf(cases, { ...days, ...all, figure: 'compared' })).toEqual(['a', 'b', 'c']);
  });
  it('no case where the group is too small, but still names it', () => {
    const small = { agreement: [{ group: mayGroup, caseIds: [], differingCaseIds: [] }] };
    const opened = openedFigure(small, { ...days, ...may, figure: 'differing' });
    expect(opened).toEqual({ label: 'May', caseIds: [] });
  });
  it('the cases of its kind and severity', () => {
    const rate = { ...days, ...all, figure: 'rate', kind: 'INVENTED' } as const;
    expect(caseIdsOf(cases, { ...rate, severity: 'MAJOR' })).toEqual(['b']);
    expect(caseIdsOf(cases, { ...rate, severity: 'CRITICAL' })).toEqual([]);
  });
  it('the slowest cases first', () => {
    const time = { ...days, ...all, figure: 'time', span: 'READING' } as const;
    expect(caseIdsOf(cases, time)).toEqual(['c', 'a', 'b']);
  });
});

describe('an address', () => {
  it('that carries a figure gives the same figure back', () => {
    const wanted = { ...days, ...all, figure: 'rate', kind: 'LOST', severity: 'MINOR' } as const;
    expect(figureOfSearch(wanted)).toEqual(wanted);
  });
  it('that names half a figure names none', () => {
    expect(figureOfSearch({})).toBeNull();
    expect(figureOfSearch({ ...days, ...all, figure: 'rate', kind: 'LOST' })).toBeNull();
    expect(figureOfSearch({ ...days, ...all, figure: 'time', span: 'FOREVER' })).toBeNull();
    expect(figureOfSearch({ ...all, from: 'May', to: days.to, figure: 'compared' })).toBeNull();
  });
  it('keeps what makes sense of a period', () => {
    expect(figuresSearch({ from: '2026-13-45', to: days.to, by: 'MODEL', more: 1 })).toEqual({
      to: days.to,
      by: 'MODEL',
    });
  });
});

describe('a period', () => {
  it('holds its last day to the end', () => {
    const { from, to } = momentsOf({ from: '2026-05-31', to: '2026-05-31' });
    expect(new Date(from).getHours()).toBe(0);
    expect(new Date(to).getTime() - new Date(from).getTime()).toBe(24 * 3600_000);
  });
  it('of thirty days counts today', () => {
    expect(lastDays(30, new Date(2026, 4, 30, 23, 59))).toEqual({
      from: '2026-05-01',
      to: '2026-05-30',
    });
  });
});
