/** Which acts a case offers to whom; pure. The server decides in the end. */
import type { CaseHistory, CaseState, Role } from '../../api/types';

export type CaseAct =
  | 'hold'
  | 'defer'
  | 'resume'
  | 'return'
  | 'proposeRecall'
  | 'confirmRecall'
  | 'flag'
  | 'unflag';

/** States in which a case is over. */
const OVER: readonly CaseState[] = ['RELEASED', 'REJECTED', 'SUPERSEDED', 'EXPIRED', 'RECALLED'];
const STEERING: readonly Role[] = ['COORDINATOR', 'QUALITY'];
/** A recall takes a person of quality or an adjudicator each time, and two of them. */
const RECALLING: readonly Role[] = ['QUALITY', 'ADJUDICATOR'];

type Steered = Pick<CaseHistory, 'state' | 'holds' | 'deferrals' | 'recall'>;

export function actsOf(found: Steered, roles: readonly Role[], flagged: boolean): CaseAct[] {
  const may = (allowed: readonly Role[]) => allowed.some((role) => roles.includes(role));
  const over = found.state === null || OVER.includes(found.state);
  const heldFor = (code: string) => found.holds.some(({ reasonCode }) => reasonCode === code);
  const acts: CaseAct[] = [];
  if (may(STEERING)) {
    if (!over) {
      acts.push(heldFor('coordinator') ? 'resume' : 'hold');
      acts.push(heldFor('deferred') || found.deferrals.length > 0 ? 'return' : 'defer');
    }
    acts.push(flagged ? 'unflag' : 'flag');
  }
  if (may(RECALLING)) {
    if (found.recall) {
      if (!found.recall.confirmedAt) acts.push('confirmRecall');
    } else if (found.state === 'RELEASED') {
      acts.push('proposeRecall');
    }
  }
  return acts;
}

/** Acts of which the server wants to know why. */
export const wantsReason = (act: CaseAct) =>
  act === 'hold' || act === 'defer' || act === 'proposeRecall' || act === 'flag';
