/** Which figure is opened, and which cases stand behind it; pure, and part of an address. */
import type {
  FigureCases,
  FigureGroup,
  FindingKind,
  GroupBy,
  Severity,
  Span,
} from '../../api/types';

export const GROUPS: readonly GroupBy[] = [
  'ALL',
  'READER_PAIR',
  'MODEL',
  'DEPLOYMENT',
  'STAGE',
  'SCANNER',
  'MONTH',
  'HOURS',
];
/** What a figure may be of; test cases are counted by reader too. */
const OPENED: readonly GroupBy[] = [...GROUPS, 'READER'];
const KINDS: readonly FindingKind[] = [
  'INVENTED',
  'LOST',
  'DISTORTED',
  'TEXTURE',
  'ARTEFACT',
  'INTENSITY',
];
export const SEVERITIES: readonly Severity[] = ['MINOR', 'MAJOR', 'CRITICAL'];
const SPANS: readonly Span[] = [
  'TURNAROUND',
  'MACHINE',
  'FIRST_READER',
  'SECOND_READER',
  'ADJUDICATOR_WAIT',
  'ADJUDICATION',
  'READING',
];

const PLAIN = ['compared', 'differing', 'overdue', 'sentinels', 'missed'] as const;

/** Days, both whole. */
export interface Days {
  from: string;
  to: string;
}
/** A number of the figures: the group that it is of, and what it counts. */
export type FigureOf =
  | { figure: 'compared' | 'differing' | 'overdue' | 'sentinels' | 'missed' }
  | { figure: 'rate'; kind: FindingKind; severity: Severity }
  | { figure: 'time'; span: Span };
export type FigureReference = Days & { by: GroupBy; key: string } & FigureOf;

type Search = Record<string, unknown>;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const isDay = (value: unknown): value is string =>
  typeof value === 'string' && DAY.test(value) && !Number.isNaN(new Date(value).getTime());
const oneOf = <Value extends string>(known: readonly Value[], value: unknown): Value | null =>
  known.find((one) => one === value) ?? null;

/** The period and grouping of an address; what makes no sense is left out. */
export function figuresSearch(search: Search): Partial<Days> & { by?: GroupBy } {
  const by = oneOf(GROUPS, search.by);
  return {
    ...(isDay(search.from) ? { from: search.from } : {}),
    ...(isDay(search.to) ? { to: search.to } : {}),
    ...(by ? { by } : {}),
  };
}

/** What the case list's address says: no figure, or one. */
export interface CasesSearch extends Partial<Days> {
  figure?: FigureReference['figure'];
  by?: GroupBy;
  key?: string;
  kind?: FindingKind;
  severity?: Severity;
  span?: Span;
}

/** The figure that an address means; null when it names none, or none that there is. */
export function figureOfSearch(search: CasesSearch | Search): FigureReference | null {
  const { from, to, key, figure } = search as Search;
  const by = oneOf(OPENED, search.by);
  // Keys of groups may look like numbers in an address.
  if (!isDay(from) || !isDay(to) || !by || (typeof key !== 'string' && typeof key !== 'number')) {
    return null;
  }
  const group = { from, to, by, key: String(key) };
  const plain = oneOf(PLAIN, figure);
  if (plain) return { ...group, figure: plain };
  if (figure === 'rate') {
    const kind = oneOf(KINDS, search.kind);
    const severity = oneOf(SEVERITIES, search.severity);
    return kind && severity ? { ...group, figure, kind, severity } : null;
  }
  const span = oneOf(SPANS, search.span);
  return figure === 'time' && span ? { ...group, figure, span } : null;
}

/** The cases behind a figure. */
export interface OpenedFigure {
  /** Empty where the group has no cases in the period. */
  label: string;
  /** In the server's order; none where the group is too small to be shown. */
  caseIds: string[];
}

export function openedFigure(cases: FigureCases, wanted: FigureReference): OpenedFigure {
  const ofGroup = ({ group }: { group: FigureGroup }) =>
    group.by === wanted.by && group.key === wanted.key;
  const opened = (found: { group: FigureGroup } | undefined, caseIds: string[] = []) => ({
    label: found?.group.label ?? '',
    caseIds,
  });
  switch (wanted.figure) {
    case 'compared': {
      const found = cases.agreement?.find(ofGroup);
      return opened(found, found?.caseIds);
    }
    case 'differing': {
      const found = cases.agreement?.find(ofGroup);
      return opened(found, found?.differingCaseIds);
    }
    case 'overdue': {
      const found = cases.overdue?.find(ofGroup);
      return opened(found, found?.caseIds);
    }
    case 'sentinels': {
      const found = cases.sentinels?.find(ofGroup);
      return opened(found, found?.caseIds);
    }
    case 'missed': {
      const found = cases.sentinels?.find(ofGroup);
      return opened(found, found?.missedCaseIds);
    }
    case 'rate': {
      const { kind, severity } = wanted;
      const found = cases.rates?.find(
        (rate) => ofGroup(rate) && rate.kind === kind && rate.severity === severity,
      );
      return opened(found, found?.caseIds);
    }
    case 'time': {
      const found = cases.times?.find((time) => ofGroup(time) && time.span === wanted.span);
      return opened(found, found?.caseIds);
    }
    default:
      return wanted satisfies never;
  }
}

const dayOf = (when: Date) => {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
};

/** The last `count` days, today among them. */
export function lastDays(count: number, now: Date): Days {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - count + 1);
  return { from: dayOf(first), to: dayOf(now) };
}

/** From the first moment of `from` until the first after `to`, as this place counts days. */
export function momentsOf({ from, to }: Days): { from: string; to: string } {
  const midnight = (day: string, later: number) => {
    const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
    return new Date(year, month - 1, date + later).toISOString();
  };
  return { from: midnight(from, 0), to: midnight(to, 1) };
}
