/** The priors of the patient: which there are, the one that is chosen, and how it is linked with the images of today. */
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ask } from '../../api/client';
import { priorsQuery } from '../../api/documents';
import type { Prior, ReadingCase } from '../../api/types';
import { dropImages } from '../../viewer/cornerstone';
import { linkOf, middleOffset, type PriorLink } from '../../viewer/prior';
import type { Stack } from '../../viewer/stack';
import type { View, ViewAction } from '../../viewer/view';
import { windowOfData } from '../../viewer/window';
import { imagesOf, loadPrior } from './load_prior';
import { areComparable } from './pane_scene';

interface Loading {
  /** Of which prior; what was loaded of another one is none of it. */
  of: string | null;
  loaded: number;
  stack: Stack | null;
  error: Error | null;
}

const NOTHING: Loading = { of: null, loaded: 0, stack: null, error: null };

/** What a prior needs to stand beside the original for the first time. */
function placing(original: Stack, prior: Stack): ViewAction {
  const offsetMm = linkOf(original, prior) === 'frame' ? 0 : middleOffset(original, prior);
  const slice = prior.slices[Math.floor(prior.slices.length / 2)];
  if (!slice || areComparable(original, prior)) {
    return { kind: 'place-prior', offsetMm, window: null };
  }
  const window = slice.header?.window ?? windowOfData(slice.values, slice.excluded);
  return { kind: 'place-prior', offsetMm, window };
}

/** Loads the chosen prior, once somebody wants to see one. */
function useLoading(
  prior: Prior | null,
  original: Stack | null,
  change: (action: ViewAction) => void,
): Loading {
  const [loading, setLoading] = useState(NOTHING);
  useEffect(() => {
    if (!prior || !original) return;
    const stop = new AbortController();
    let kept: Stack | null = null;
    const publish = (part: Partial<Loading>) => {
      if (!stop.signal.aborted) setLoading((before) => ({ ...before, ...part }));
    };
    setLoading({ ...NOTHING, of: prior.id });
    let loaded = 0;
    const count = () => {
      loaded += 1;
      publish({ loaded });
    };
    loadPrior(prior, original, count, stop.signal).then(
      (stack) => {
        if (stop.signal.aborted) {
          dropImages(imagesOf(stack.slices));
          return;
        }
        kept = stack;
        change(placing(original, stack));
        publish({ stack });
      },
      (error: unknown) =>
        publish({ error: error instanceof Error ? error : new Error(String(error)) }),
    );
    return () => {
      stop.abort();
      dropImages(imagesOf(kept?.slices ?? []));
    };
  }, [prior, original, change]);
  return loading.of === (prior?.id ?? null) ? loading : NOTHING;
}

export function usePrior(
  readingCase: ReadingCase,
  original: Stack | null,
  view: View,
  change: (action: ViewAction) => void,
) {
  // Asked for when somebody wants to see one: being shown that there are any is recorded.
  const [wanted, setWanted] = useState(false);
  if (view.stage === 'prior' && !wanted) setWanted(true);
  const listed = useQuery({
    queryKey: ['priors', readingCase.id],
    queryFn: () => ask(priorsQuery, { id: readingCase.id }),
    enabled: wanted,
    // What comes in while the case is read changes no list that the reader goes through.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const priors = listed.data?.case?.priors ?? null;
  const prior = priors?.[view.prior.index] ?? null;
  const loading = useLoading(wanted ? prior : null, original, change);
  const { stack } = loading;
  const link: PriorLink | null = original && stack ? linkOf(original, stack) : null;
  const isByHand = link !== null && link !== 'frame';
  return {
    prior,
    count: priors?.length ?? 0,
    /** Whether it is known which priors there are. */
    isListed: priors !== null,
    isAsking: listed.isPending,
    loaded: loading.loaded,
    error: listed.error ?? loading.error,
    stack,
    link,
    isByHand,
    /** The prior by so many slices; the images of today stay, until the reader has aligned the two. */
    moveAlone: (by: number) => {
      if (isByHand && stack) change({ kind: 'move-prior', by, positionsMm: stack.positionsMm });
    },
  };
}

export type PriorBeside = ReturnType<typeof usePrior>;
