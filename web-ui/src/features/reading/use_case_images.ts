/** The images of a case: fetched whole, hashed, decoded from the same buffers, stacked by position. */
import { useLayoutEffect, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ReadingCase } from '../../api/types';
import { forgetImages } from '../../viewer/cornerstone';
import { digestOfLoaded, loadObjects, wantedObjects } from '../../viewer/load_objects';
import { Collector, NO_STACKS, type Stacks } from './collect_images';
import { takePrefetched } from './prefetch';

/** How often the number of objects is told while they arrive, ms: each telling draws the room anew. */
const TELL_EVERY_MS = 100;

export interface CaseImages extends Stacks {
  loaded: number;
  total: number;
  /** Digest of everything that arrived; null until all has. */
  digest: string | null;
  error: Error | null;
}

const NOTHING: CaseImages = { ...NO_STACKS, loaded: 0, total: 0, digest: null, error: null };

/** Calls `tell` with the newest number, not more often than the room can use it. */
function counter(tell: (loaded: number) => void) {
  let loaded = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;
  return {
    add: () => {
      loaded += 1;
      timer ??= setTimeout(() => {
        timer = null;
        tell(loaded);
      }, TELL_EVERY_MS);
    },
    stop: () => {
      if (timer) clearTimeout(timer);
    },
  };
}

export function useCaseImages(readingCase: ReadingCase): CaseImages {
  const [images, setImages] = useState<CaseImages>(NOTHING);
  // Before the room is painted: an image that is at hand already stands in its first frame.
  useLayoutEffect(() => {
    const stop = new AbortController();
    const wanted = wantedObjects(readingCase);
    const publish = (part: Partial<CaseImages>) => {
      if (stop.signal.aborted) return;
      const set = () => setImages((before) => ({ ...before, ...part }));
      if (part.preview) flushSync(set);
      else set();
    };
    setImages({ ...NOTHING, total: wanted.length });
    const collector = new Collector(wanted, publish);
    const count = counter((loaded) => publish({ loaded }));
    const load = async () => {
      try {
        const arrived = await loadObjects(
          readingCase.study.studyInstanceUid,
          wanted,
          (object) => {
            collector.take(object);
            count.add();
          },
          stop.signal,
          takePrefetched(readingCase.id),
        );
        await collector.done();
        publish({ loaded: arrived.length, digest: await digestOfLoaded(arrived) });
      } catch (error) {
        publish({ error: error instanceof Error ? error : new Error(String(error)) });
      }
    };
    void load();
    return () => {
      stop.abort();
      collector.stop();
      count.stop();
      forgetImages();
    };
  }, [readingCase]);
  return images;
}
