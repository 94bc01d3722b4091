/** What was really shown: which slices, how large, how long; and when verdicts wake. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Region } from '../../api/types';
import {
  evidenceAfter,
  NOTHING_SEEN,
  SEEN_AFTER_MS,
  type Sight,
  sightOf,
} from '../../viewer/evidence';
import type { Projection } from '../../viewer/projection';
import { type AcquiredPane, isOpen, type View } from '../../viewer/view';

/** How often a longer look is counted, ms. */
const COUNT_EVERY_MS = 1_000;
/** How long verdict keys sleep once the AI image is there: a key meant for the last case must not count. */
const VERDICTS_SLEEP_MS = 2_000;

/** What a pane has drawn. */
export interface DrawnPane {
  /** Index in the original's stack; null where it has none there. */
  slice: number | null;
  projection: Projection;
  /** Whether it is the image itself, and nothing computed or mixed. */
  isPure: boolean;
}

export type Drawn = ReadonlyMap<AcquiredPane, DrawnPane>;

/** Where the images stand. */
export interface ImagePlace {
  /** The window that they are in: its own visibility and density count, not those of the page it belongs to. */
  page: { document: Pick<Document, 'visibilityState'>; devicePixelRatio: number };
  /** Whether something stands before them, so that nobody sees them. */
  isCovered: boolean;
}

/** The pure images that can be seen whole. */
export function sightsIn(
  view: View,
  drawn: Drawn,
  regions: readonly Region[],
  { page, isCovered }: ImagePlace,
): Sight[] {
  if (isCovered || page.document.visibilityState !== 'visible') return [];
  return (['original', 'ai'] as const).flatMap((pane) => {
    const found = drawn.get(pane);
    if (!found?.isPure || found.slice === null || !isOpen(view, pane)) return [];
    return [sightOf(pane, found.slice, found.projection, page.devicePixelRatio, regions)];
  });
}

export function useEvidence(
  view: View,
  regions: readonly Region[],
  aiLoaded: boolean,
  place: ImagePlace & { page: Window },
) {
  const [evidence, setEvidence] = useState(NOTHING_SEEN);
  const [awake, setAwake] = useState(false);
  const drawn = useRef(new Map<AcquiredPane, DrawnPane>());
  const now = useRef({ view, regions, place });
  now.current = { view, regions, place };
  const stay = useRef({ sights: [] as Sight[], since: 0, countedMs: 0 });

  const count = useCallback(() => {
    const { sights, since, countedMs } = stay.current;
    const stayedMs = performance.now() - since;
    if (sights.length === 0 || stayedMs < SEEN_AFTER_MS) return;
    stay.current.countedMs = stayedMs;
    setEvidence((before) => evidenceAfter(before, sights, { stayedMs, countedMs }));
  }, []);
  /** Counts what was there, and begins anew with what is there now. */
  const look = useCallback(() => {
    count();
    const { view, regions, place } = now.current;
    const sights = sightsIn(view, drawn.current, regions, place);
    stay.current = { sights, since: performance.now(), countedMs: 0 };
  }, [count]);
  const onDrawn = useCallback(
    (pane: AcquiredPane, what: DrawnPane) => {
      drawn.current.set(pane, what);
      look();
    },
    [look],
  );

  const { stage, solo, flicker, wipe } = view;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what stands open depends on these
  useEffect(look, [look, stage, solo, flicker, wipe, place.isCovered]);
  useEffect(() => {
    // What was drawn in the window before isn't on the screen of this one until it is drawn anew.
    drawn.current.clear();
    look();
    const { document: sheet } = place.page;
    sheet.addEventListener('visibilitychange', look);
    return () => sheet.removeEventListener('visibilitychange', look);
  }, [look, place.page]);
  useEffect(() => {
    let counted = 0;
    const timer = setInterval(() => {
      // The first moment of a new sight is counted at once, then once a second.
      const isNew = stay.current.countedMs === 0;
      if (isNew || performance.now() - counted >= COUNT_EVERY_MS) {
        counted = performance.now();
        count();
      }
    }, SEEN_AFTER_MS);
    return () => clearInterval(timer);
  }, [count]);
  useEffect(() => {
    if (!aiLoaded) return;
    const timer = setTimeout(() => setAwake(true), VERDICTS_SLEEP_MS);
    return () => clearTimeout(timer);
  }, [aiLoaded]);
  const projectionOf = useCallback((pane: AcquiredPane) => drawn.current.get(pane)?.projection, []);
  return { evidence, awake, onDrawn, projectionOf };
}
