/** How many tests came out as they should; pure. */
import type { CaseKind, QualitySample } from '../../api/oversight_types';

/** Reads that could not be judged count as neither. */
export function tallyOf(samples: readonly QualitySample[], kind: CaseKind) {
  const judged = samples.filter((sample) => sample.kind === kind && sample.agrees !== null);
  return { count: judged.length, right: judged.filter(({ agrees }) => agrees).length };
}
