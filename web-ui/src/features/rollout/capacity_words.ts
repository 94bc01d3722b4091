/** Capacity in words and in counts. */
import type { CapacityWait, ExpectedWait } from '../../api/capacity';
import { duration } from '../quality/figure_words';

/** "12 min (8 min to 17 min)"; one value where the interval says nothing more. */
export function waitInWords({ seconds, low, high }: ExpectedWait, language: string): string {
  const words = [seconds, low, high].map((value) => duration(value, language));
  const [expected = '', least = '', most = ''] = words;
  return least === most ? expected : `${expected} (${least}–${most})`;
}

/** How many runs of each deployment wait, and since when, in the order in which the first of each came. */
export function waitsByDeployment(waits: readonly CapacityWait[]) {
  const groups = new Map<string, { deploymentId: string; runs: number; since: string }>();
  for (const { deploymentId, since } of waits) {
    const group = groups.get(deploymentId);
    if (group) group.runs += 1;
    else groups.set(deploymentId, { deploymentId, runs: 1, since });
  }
  return [...groups.values()];
}
