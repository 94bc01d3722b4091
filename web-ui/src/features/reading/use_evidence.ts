/** What was really shown: slices of the AI image that stayed on the screen, and when verdicts wake. */
import { useEffect, useState } from 'react';
import type { View } from '../../viewer/view';

/** How long a slice must stay to count as seen, ms. */
const SEEN_AFTER_MS = 150;
/** How long verdict keys sleep once the AI image is there: a key meant for the last case must not count. */
const VERDICTS_SLEEP_MS = 2_000;

export function useEvidence(view: View, currentSlice: number, aiLoaded: boolean) {
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());
  const [awake, setAwake] = useState(false);
  const aiShown =
    aiLoaded && (view.stage === 'four' || (view.stage === 'flicker' && view.flicker === 'ai'));
  useEffect(() => {
    if (!aiShown || currentSlice < 0) return;
    const timer = setTimeout(
      () => setSeen((before) => new Set(before).add(currentSlice)),
      SEEN_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [aiShown, currentSlice]);
  useEffect(() => {
    if (!aiLoaded) return;
    const timer = setTimeout(() => setAwake(true), VERDICTS_SLEEP_MS);
    return () => clearTimeout(timer);
  }, [aiLoaded]);
  return { seen, awake };
}
