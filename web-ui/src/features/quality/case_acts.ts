/** Which acts a case offers to whom; pure. The server decides in the end. */
import type { SteeredCase } from '../../api/oversight_types';
import type { CaseState, Role } from '../../api/types';

export type CaseAct =
  | 'hold'
  | 'defer'
  | 'resume'
  | 'return'
  | 'revoke'
  | 'markSentinel'
  | 'proposeRecall'
  | 'confirmRecall'
  | 'flag'
  | 'unflag'
  | 'keepIdentity'
  | 'takeIdentity';

/** States in which a case is over. */
const OVER: readonly CaseState[] = [
  'RELEASED',
  'REJECTED',
  'SUPERSEDED',
  'EXPIRED',
  'RECALLED',
  'EVALUATED',
];

/** Whether a case is over; one that isn't shown to the viewer counts as over too. */
export const isOver = (state: CaseState | null) => state === null || OVER.includes(state);

const STEERING: readonly Role[] = ['COORDINATOR', 'QUALITY'];
/** A recall takes a person of quality or an adjudicator each time, and two of them. */
const RECALLING: readonly Role[] = ['QUALITY', 'ADJUDICATOR'];

/** States in which somebody may hold a slot. */
const TAKEN: readonly CaseState[] = ['READING', 'ADJUDICATING', 'DISCORDANT'];

type Steered = Pick<SteeredCase, 'state' | 'kind' | 'holds' | 'deferrals' | 'recall'>;

export function actsOf(found: Steered, roles: readonly Role[], flagged: boolean): CaseAct[] {
  const may = (allowed: readonly Role[]) => allowed.some((role) => roles.includes(role));
  const over = isOver(found.state);
  const heldFor = (code: string) => found.holds.some(({ reasonCode }) => reasonCode === code);
  const acts: CaseAct[] = [];
  if (may(STEERING)) {
    // Until it is decided nothing else moves the case on, so it comes first.
    if (heldFor('identity')) acts.push('keepIdentity', 'takeIdentity');
    if (!over) {
      acts.push(heldFor('coordinator') ? 'resume' : 'hold');
      acts.push(heldFor('deferred') || found.deferrals.length > 0 ? 'return' : 'defer');
      if (found.state && TAKEN.includes(found.state)) acts.push('revoke');
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
  // What tests readers is made of what quality knows to be bad, never of another test.
  if (may(['QUALITY']) && found.state === 'REJECTED' && found.kind === 'CLINICAL') {
    acts.push('markSentinel');
  }
  return acts;
}

/** Acts of which the server wants to know why. */
export const wantsReason = (act: CaseAct) =>
  !['resume', 'return', 'confirmRecall', 'unflag'].includes(act);
