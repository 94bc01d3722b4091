/** Which cases want a coordinator, and why; pure. */
import type { SteeredCase } from '../../api/oversight_types';
import type { CaseState } from '../../api/types';

/** Why a case wants somebody, gravest first. */
export const CONCERNS = [
  'recallToConfirm',
  'recallToEvaluate',
  'lacksReaders',
  'overdue',
  'deferred',
  'held',
  'dueSoon',
  'untaken',
] as const;
export type Concern = (typeof CONCERNS)[number];

const OPEN: readonly CaseState[] = [
  'QUEUED',
  'READING',
  'DISCORDANT',
  'ADJUDICATING',
  'HELD',
  'DEFERRED',
];
/** The share of the time up to the deadline after which it is near. Source: the service levels of the workflow. */
const SOON = 0.5;

type Looked = Pick<
  SteeredCase,
  | 'state'
  | 'queuedAt'
  | 'dueAt'
  | 'holds'
  | 'deferrals'
  | 'recall'
  | 'needsRecallEvaluation'
  | 'lacksReaders'
>;

export const isOpen = ({ state }: Pick<Looked, 'state'>): boolean =>
  state !== null && OPEN.includes(state);

/** The share of the time from queueing to the deadline that has gone; 1 and more is overdue. */
export function timeGone({ queuedAt, dueAt }: Pick<Looked, 'queuedAt' | 'dueAt'>, now: Date) {
  const [start, end] = [new Date(queuedAt).getTime(), new Date(dueAt).getTime()];
  return end > start ? (now.getTime() - start) / (end - start) : 1;
}

export function concernsOf(found: Looked, now: Date): Concern[] {
  const concerns = new Set<Concern>();
  if (found.recall && !found.recall.confirmedAt) concerns.add('recallToConfirm');
  if (found.needsRecallEvaluation && !found.recall) concerns.add('recallToEvaluate');
  if (isOpen(found)) {
    if (found.lacksReaders) concerns.add('lacksReaders');
    const gone = timeGone(found, now);
    if (gone >= 1) concerns.add('overdue');
    else if (gone >= SOON) concerns.add('dueSoon');
    if (found.state === 'DEFERRED' || found.deferrals.length > 0) concerns.add('deferred');
    if (found.state === 'HELD') concerns.add('held');
    if (found.state === 'QUEUED' && gone >= SOON) concerns.add('untaken');
  }
  return CONCERNS.filter((concern) => concerns.has(concern));
}

export interface Concerned<Case> {
  found: Case;
  concerns: Concern[];
}

/** Open cases and those that want somebody, the nearest deadline first. */
export function casesToSteer<Case extends Looked>(
  cases: readonly Case[],
  now: Date,
): Concerned<Case>[] {
  return cases
    .map((found) => ({ found, concerns: concernsOf(found, now) }))
    .filter(({ found, concerns }) => isOpen(found) || concerns.length > 0)
    .sort((a, b) => a.found.dueAt.localeCompare(b.found.dueAt));
}
