/** Which cases want a coordinator, and why; pure. */
import type { SteeredCase } from '../../api/oversight_types';
import type { CaseState } from '../../api/types';
import { urgencyOf } from '../../components/urgency';

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

type Looked = Pick<
  SteeredCase,
  | 'state'
  | 'escalatesAt'
  | 'dueAt'
  | 'holds'
  | 'deferrals'
  | 'recall'
  | 'needsRecallEvaluation'
  | 'lacksReaders'
>;

export const isOpen = ({ state }: Pick<Looked, 'state'>): boolean =>
  state !== null && OPEN.includes(state);

export function concernsOf(found: Looked, now: Date): Concern[] {
  const concerns = new Set<Concern>();
  if (found.recall && !found.recall.confirmedAt) concerns.add('recallToConfirm');
  if (found.needsRecallEvaluation && !found.recall) concerns.add('recallToEvaluate');
  if (isOpen(found)) {
    if (found.lacksReaders) concerns.add('lacksReaders');
    const urgency = urgencyOf(found, now);
    if (urgency === 'overdue') concerns.add('overdue');
    if (urgency === 'soon') concerns.add('dueSoon');
    if (found.state === 'DEFERRED' || found.deferrals.length > 0) concerns.add('deferred');
    if (found.state === 'HELD') concerns.add('held');
    if (found.state === 'QUEUED' && urgency !== 'later') concerns.add('untaken');
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
