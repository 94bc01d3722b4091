/** The images of a pair: the original and both sides, fetched whole, hashed, decoded from the same buffers. */
import { useEffect, useState } from 'react';
import type { ComparisonPair } from '../../api/comparison_documents';
import { decodeSlice, forgetImages, readSlice } from '../../viewer/cornerstone';
import {
  digestOfLoaded,
  type LoadedObject,
  loadObjects,
  sourceObjects,
  type WantedObject,
} from '../../viewer/load_objects';
import { type Slice, type Stack, stackOf } from '../../viewer/stack';

export type PairPane = 'original' | 'a' | 'b';

export interface PairStacks {
  original: Stack | null;
  a: Stack | null;
  b: Stack | null;
  loaded: number;
  total: number;
  /** Digest over the copies of both sides that arrived; null until all have. */
  digest: string | null;
  error: Error | null;
}

const NOTHING: PairStacks = {
  original: null,
  a: null,
  b: null,
  loaded: 0,
  total: 0,
  digest: null,
  error: null,
};

/** Both sides by our own address, which names the pair and nothing of a model. */
export function sideObjects({ id, images }: Pick<ComparisonPair, 'id' | 'images'>): WantedObject[] {
  const of = (side: 'a' | 'b') =>
    (images?.[side] ?? []).map(({ sopInstanceUid, slice }) => ({
      role: 'IMAGE' as const,
      seriesInstanceUid: '',
      sopInstanceUid,
      address: `/pairs/${id}/${side}/${slice}`,
    }));
  // Side by side from the first slice on, so that neither is there before the other.
  const [a, b] = [of('a'), of('b')];
  return a.flatMap((object, index) => {
    const beside = b[index];
    return beside ? [object, beside] : [object];
  });
}

const sliceOf = async (object: LoadedObject): Promise<Slice> =>
  readSlice(object) ?? (await decodeSlice(object));

/** Everything of one pane, as a stack along the original. */
async function stacked(objects: readonly LoadedObject[], along?: Stack): Promise<Stack> {
  const slices: Slice[] = [];
  for (const object of objects) slices.push(await sliceOf(object));
  return stackOf(slices, along?.normal);
}

export function usePairImages(pair: ComparisonPair): PairStacks {
  const [stacks, setStacks] = useState<PairStacks>(NOTHING);
  useEffect(() => {
    const stop = new AbortController();
    const publish = (part: Partial<PairStacks>) => {
      if (!stop.signal.aborted) setStacks((before) => ({ ...before, ...part }));
    };
    const [source, sides] = [sourceObjects(pair), sideObjects(pair)];
    setStacks({ ...NOTHING, total: source.length + sides.length });
    let loaded = 0;
    const count = () => {
      loaded += 1;
      if (loaded % 8 === 0) publish({ loaded });
    };
    const load = async () => {
      try {
        const uid = pair.study.studyInstanceUid;
        const original = await stacked(await loadObjects(uid, source, count, stop.signal));
        publish({ original });
        const arrived = await loadObjects(uid, sides, count, stop.signal);
        const onSide = (side: string) =>
          arrived.filter(({ address }) => address?.includes(`/${side}/`));
        const a = await stacked(onSide('a'), original);
        const b = await stacked(onSide('b'), original);
        publish({ a, b, loaded, digest: await digestOfLoaded(arrived) });
      } catch (error) {
        publish({ error: error instanceof Error ? error : new Error(String(error)) });
      }
    };
    void load();
    return () => {
      stop.abort();
      forgetImages();
    };
  }, [pair]);
  return stacks;
}
