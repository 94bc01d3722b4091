/**
 * The original of the next case, fetched while this one is read. Its AI images come only with the case: nobody who
 * does not hold it is given them. One case is kept, and only until it is opened.
 */
import type { ReadingCase } from '../../api/types';
import { type LoadedObject, loadObjects, sourceObjects } from '../../viewer/load_objects';
import { handAtRest } from './hand';

interface Prefetched {
  caseId: string;
  objects: Map<string, LoadedObject>;
  stop: AbortController;
}

/** Between two objects: the case that is being read comes first, and its reader takes longer than hundreds of these. */
const PAUSE_MS = 30;

let kept: Prefetched | null = null;

/** Forgets what was fetched ahead. */
export function dropPrefetched(): void {
  kept?.stop.abort();
  kept = null;
}

/** Fetches the original of a case ahead; a failure is not told, because opening the case asks again. */
export async function prefetch(next: Pick<ReadingCase, 'id' | 'study' | 'source'>): Promise<void> {
  if (kept?.caseId === next.id) return;
  dropPrefetched();
  const { objects, stop } = {
    objects: new Map<string, LoadedObject>(),
    stop: new AbortController(),
  };
  kept = { caseId: next.id, objects, stop };
  const keep = (object: LoadedObject) => objects.set(object.sopInstanceUid, object);
  try {
    for (const object of sourceObjects(next)) {
      await handAtRest();
      if (stop.signal.aborted) return;
      await loadObjects(next.study.studyInstanceUid, [object], keep, stop.signal);
      await new Promise((goOn) => setTimeout(goOn, PAUSE_MS));
    }
  } catch {
    // Opening the case asks again, and tells.
  }
}

/** What was fetched ahead of a case, once; what was fetched for another case is forgotten. */
export function takePrefetched(caseId: string): ReadonlyMap<string, LoadedObject> {
  const taken = kept?.caseId === caseId ? kept.objects : new Map<string, LoadedObject>();
  dropPrefetched();
  return taken;
}
