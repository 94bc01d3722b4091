/** What of a run's scores a reader should know beforehand; pure. What is worse than these bounds makes no case at all. */
import type { Scores } from '../../api/types';

export type QualityFlag = 'domain' | 'structure' | 'disagreement';

/** Below this conformal p-value an input lies at the edge of what the model knows: amber, as the quality desk has it. */
const DOMAIN_AMBER = 0.05;
/** Below this a coherent difference is larger than chance lets any of as many slices have in nine of ten volumes. */
const CONSISTENCY_AMBER = 0.1;
/** Below this the images that a model draws spread as nine of ten volumes of its calibration don't. */
const AGREEMENT_AMBER = 0.1;

export function flagsOf(scores: Scores | null): QualityFlag[] {
  const flags: QualityFlag[] = [];
  if (scores?.domain != null && scores.domain < DOMAIN_AMBER) flags.push('domain');
  if (scores?.consistency != null && scores.consistency < CONSISTENCY_AMBER) {
    flags.push('structure');
  }
  if (scores?.agreement != null && scores.agreement < AGREEMENT_AMBER) flags.push('disagreement');
  return flags;
}
