/** The order of stages: one step up at a time, down to any. */
import type { Stage } from '../../api/types';

export const STAGES: readonly Stage[] = ['SUSPENDED', 'SHADOW', 'PILOT', 'SUPERVISED', 'GENERAL'];

export function stageAbove(stage: Stage): Stage | null {
  return STAGES[STAGES.indexOf(stage) + 1] ?? null;
}

export function stagesBelow(stage: Stage): Stage[] {
  return STAGES.slice(0, STAGES.indexOf(stage)).reverse();
}
