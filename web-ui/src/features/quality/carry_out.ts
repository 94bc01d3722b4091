/** Carries out an act on a case or its study. */
import { ask } from '../../api/client';
import {
  confirmRecallMutation,
  flagStudyMutation,
  holdCaseMutation,
  proposeRecallMutation,
  resumeCaseMutation,
  returnCaseMutation,
  settleIdentityMutation,
  unflagStudyMutation,
} from '../../api/documents';
import { markSentinelMutation, revokeHoldsMutation } from '../../api/oversight_documents';
import type { Refusal } from '../../api/types';
import type { CaseAct } from './case_acts';

interface Target {
  caseId: string;
  studyId: string;
  reason: string;
}

/** Gives the refusal, or null when it is done. */
export async function carryOut(
  act: CaseAct,
  { caseId, studyId, reason }: Target,
): Promise<Refusal | null> {
  switch (act) {
    case 'hold': {
      const input = { caseId, kind: 'COORDINATOR', reason } as const;
      return (await ask(holdCaseMutation, { input })).holdCase.refusal;
    }
    case 'defer': {
      const input = { caseId, kind: 'DEFERRED', reason } as const;
      return (await ask(holdCaseMutation, { input })).holdCase.refusal;
    }
    case 'resume':
      return (await ask(resumeCaseMutation, { input: { caseId } })).resumeCase.refusal;
    case 'return':
      return (await ask(returnCaseMutation, { input: { caseId } })).returnCase.refusal;
    case 'revoke': {
      const input = { caseId, reason };
      return (await ask(revokeHoldsMutation, { input })).revokeHolds.refusal;
    }
    case 'markSentinel': {
      const input = { caseId, reason };
      return (await ask(markSentinelMutation, { input })).markSentinel.refusal;
    }
    case 'proposeRecall': {
      const input = { caseId, reason };
      return (await ask(proposeRecallMutation, { input })).proposeRecall.refusal;
    }
    case 'confirmRecall':
      return (await ask(confirmRecallMutation, { input: { caseId } })).confirmRecall.refusal;
    case 'flag':
      return (await ask(flagStudyMutation, { input: { studyId, reason } })).flagStudy.refusal;
    case 'unflag':
      return (await ask(unflagStudyMutation, { input: { studyId } })).unflagStudy.refusal;
    case 'keepIdentity':
    case 'takeIdentity': {
      const decision = act === 'takeIdentity' ? 'TAKE' : 'KEEP';
      const input = { studyId, decision, reason } as const;
      return (await ask(settleIdentityMutation, { input })).settleIdentity.refusal;
    }
    default:
      return act satisfies never;
  }
}
