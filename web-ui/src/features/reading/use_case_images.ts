/** The images of a case: fetched whole, hashed, decoded from the same buffers, stacked by position. */
import { useEffect, useState } from 'react';
import type { ReadingCase } from '../../api/types';
import { decodeSlice, forgetImages } from '../../viewer/cornerstone';
import { readFloatMap } from '../../viewer/float_map';
import {
  digestOfLoaded,
  type LoadedObject,
  loadObjects,
  type ObjectRole,
  wantedObjects,
} from '../../viewer/load_objects';
import { type Slice, type Stack, stackOf, stackOfMap } from '../../viewer/stack';
import { takePrefetched } from './prefetch';

export interface CaseImages {
  loaded: number;
  total: number;
  /** The middle slice of the original, alone, until the whole of it is there. */
  preview: Stack | null;
  original: Stack | null;
  ai: Stack | null;
  uncertainty: Stack | null;
  lower: Stack | null;
  upper: Stack | null;
  /** Digest of everything that arrived; null until all has. */
  digest: string | null;
  error: Error | null;
}

const NOTHING: CaseImages = {
  loaded: 0,
  total: 0,
  preview: null,
  original: null,
  ai: null,
  uncertainty: null,
  lower: null,
  upper: null,
  digest: null,
  error: null,
};

/** Collects decoded slices by role and gives a stack as soon as the role is complete. */
function collector(
  totals: Map<ObjectRole, number>,
  publish: (images: Partial<CaseImages>) => void,
) {
  const slices = new Map<ObjectRole, Slice[]>();
  const maps: LoadedObject[] = [];
  let original: Stack | null = null;
  const names = { UNCERTAINTY: 'uncertainty', LOWER: 'lower', UPPER: 'upper' } as const;

  const publishMaps = () => {
    if (!original) return;
    for (const map of maps.splice(0)) {
      if (map.role === 'SOURCE' || map.role === 'IMAGE') continue;
      publish({ [names[map.role]]: stackOfMap(readFloatMap(map.file), original.normal) });
    }
  };
  return async (object: LoadedObject) => {
    if (object.role !== 'SOURCE' && object.role !== 'IMAGE') {
      maps.push(object);
      publishMaps();
      return;
    }
    const slice = await decodeSlice(object);
    const gathered = [...(slices.get(object.role) ?? []), slice];
    slices.set(object.role, gathered);
    if (object.role === 'SOURCE' && gathered.length === 1) publish({ preview: stackOf(gathered) });
    if (gathered.length < (totals.get(object.role) ?? 0)) return;
    if (object.role === 'SOURCE') {
      original = stackOf(gathered);
      publish({ original });
      publishMaps();
    } else publish({ ai: stackOf(gathered, original?.normal) });
  };
}

export function useCaseImages(readingCase: ReadingCase): CaseImages {
  const [images, setImages] = useState<CaseImages>(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    const wanted = wantedObjects(readingCase);
    const totals = new Map<ObjectRole, number>();
    for (const { role } of wanted) totals.set(role, (totals.get(role) ?? 0) + 1);
    const publish = (part: Partial<CaseImages>) => {
      if (!stop.signal.aborted) setImages((before) => ({ ...before, ...part }));
    };
    setImages({ ...NOTHING, total: wanted.length });
    const collect = collector(totals, publish);
    const decoding: Promise<void>[] = [];
    const load = async () => {
      try {
        const arrived = await loadObjects(
          readingCase.study.studyInstanceUid,
          wanted,
          (object) => {
            const decoded = collect(object);
            // Who leaves the case takes its images away while they are decoded: that is no fault of the page.
            decoded.catch(() => undefined);
            decoding.push(decoded);
            setImages((before) => ({ ...before, loaded: before.loaded + 1 }));
          },
          stop.signal,
          takePrefetched(readingCase.id),
        );
        await Promise.all(decoding);
        publish({ digest: await digestOfLoaded(arrived) });
      } catch (error) {
        publish({ error: error instanceof Error ? error : new Error(String(error)) });
      }
    };
    void load();
    return () => {
      stop.abort();
      forgetImages();
    };
  }, [readingCase]);
  return images;
}
