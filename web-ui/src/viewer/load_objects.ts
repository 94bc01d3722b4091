/** Has whole instances fetched, hashed and read. */
import { signedInAgain, tellSignedOut } from '../api/client';
import type { Instance, ReadingCase } from '../api/types';
import { caseDigest } from './digest';
import type { FetchedObject } from './fetch_object';
import { objectDesk } from './object_desk';
import type { ObjectContent } from './read_object';

/** How many slices come at a time. */
const LANES = 6;
/** As much as so many slices is a map: one at a time comes beside it, so that its pane doesn't wait for all of them. */
const LANES_OF_A_MAP = 5;
/** Waits before an image is asked for again, in milliseconds; then the reader is told. */
const PAUSES_MS = [300, 1000, 3000];
/** Answers that pass: too many requests, and a service that is starting, busy or too slow for once. */
const PASSING = [408, 429, 500, 502, 503, 504];

/** What an instance is for. */
export type ObjectRole = 'SOURCE' | 'IMAGE' | 'UNCERTAINTY' | 'LOWER' | 'UPPER';

export interface WantedObject {
  role: ObjectRole;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  /** Where it is had, when not from its series over DICOMweb. */
  address?: string;
}

/** An instance that has arrived: what its bytes hold, and their digest. */
export interface LoadedObject extends WantedObject {
  content: ObjectContent;
  digest: string;
}

/** An instance could not be had. */
export class ObjectLoadError extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`an image of this case could not be loaded (${status})`);
    this.name = 'ObjectLoadError';
    this.status = status;
  }
}

const lanesOf = ({ role }: WantedObject): number =>
  role === 'SOURCE' || role === 'IMAGE' ? 1 : LANES_OF_A_MAP;

/** Instances with those in the middle first: there reading begins. */
function fromTheMiddle(instances: readonly Instance[]): Instance[] {
  const middle = Math.floor(instances.length / 2);
  const away = ({ slice }: Instance) => Math.abs(slice - middle);
  return [...instances].sort((a, b) => away(a) - away(b));
}

/** The original's instances, those in the middle first. */
export function sourceObjects({
  source,
}: {
  source: Pick<ReadingCase['source'], 'seriesInstanceUid' | 'instances'>;
}): WantedObject[] {
  return fromTheMiddle(source.instances).map(({ sopInstanceUid }) => ({
    role: 'SOURCE' as const,
    seriesInstanceUid: source.seriesInstanceUid,
    sopInstanceUid,
  }));
}

/**
 * Everything that the signature covers: the middle of the original first, with the AI slice beside it; then the rest of
 * the original, which is read alone and first; then the map that is shown, one large object that would else keep its pane
 * waiting, and the AI's slices beside and behind it; what is only measured last.
 */
export function wantedObjects(readingCase: ReadingCase): WantedObject[] {
  const ofRole = (wanted: ObjectRole): WantedObject[] =>
    readingCase.derived
      .filter(({ role }) => role === wanted)
      .flatMap(({ role, seriesInstanceUid, instances }) =>
        fromTheMiddle(instances).map(({ sopInstanceUid }) => ({
          role,
          seriesInstanceUid,
          sopInstanceUid,
        })),
      );
  const [middle, ...source] = sourceObjects(readingCase);
  const [beside, ...image] = ofRole('IMAGE');
  return [
    ...[middle, beside].filter((object) => object !== undefined),
    ...source,
    ...ofRole('UNCERTAINTY'),
    ...image,
    ...ofRole('LOWER'),
    ...ofRole('UPPER'),
  ];
}

/** The login session is over. */
export const SIGNED_OUT = 401;

/**
 * Asks again while the answer is one that passes, for one busy second must not stop a reader; and where the login
 * session is over, when the reader has signed in again.
 */
async function fetchPatiently(address: string, signal: AbortSignal): Promise<FetchedObject> {
  const ask = () => objectDesk().fetch(address, signal);
  let fetched = await ask();
  for (const pause of PAUSES_MS) {
    if (!PASSING.includes(fetched.status)) break;
    await new Promise((resolve) => setTimeout(resolve, pause));
    fetched = await ask();
  }
  if (fetched.status !== SIGNED_OUT) return fetched;
  const again = signedInAgain(signal);
  tellSignedOut();
  await again;
  return fetchPatiently(address, signal);
}

async function loadObject(
  studyInstanceUid: string,
  wanted: WantedObject,
  signal: AbortSignal,
): Promise<LoadedObject> {
  const address =
    wanted.address ??
    `/dicom-web/studies/${studyInstanceUid}/series/${wanted.seriesInstanceUid}` +
      `/instances/${wanted.sopInstanceUid}`;
  const { status, object } = await fetchPatiently(address, signal);
  if (!object) throw new ObjectLoadError(status);
  return { ...wanted, ...object };
}

/** Lets so much come at a time, in the order in which it is asked for: what needs many lanes holds up what came later. */
class Lanes {
  #free = LANES;
  readonly #waiting: { lanes: number; go: () => void }[] = [];

  async take<Value>(lanes: number, come: () => Promise<Value>): Promise<Value> {
    await new Promise<void>((go) => {
      this.#waiting.push({ lanes, go });
      this.#letGo();
    });
    try {
      return await come();
    } finally {
      this.#free += lanes;
      this.#letGo();
    }
  }

  #letGo(): void {
    for (let next = this.#waiting[0]; next && next.lanes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.lanes;
      next.go();
    }
  }
}

/**
 * Loads every instance of a case, some at a time in the given order, and tells of each; what was fetched before is taken
 * as it is, with its digest.
 *
 * @throws ObjectLoadError when one can't be had: a case is loaded whole or can't be signed.
 */
export async function loadObjects(
  studyInstanceUid: string,
  wanted: readonly WantedObject[],
  onLoaded: (object: LoadedObject) => void,
  signal: AbortSignal,
  fetched: ReadonlyMap<string, LoadedObject> = new Map(),
): Promise<LoadedObject[]> {
  const lanes = new Lanes();
  const load = async (object: WantedObject) => {
    const come = () => loadObject(studyInstanceUid, object, signal);
    const arrived = fetched.get(object.sopInstanceUid) ?? (await lanes.take(lanesOf(object), come));
    onLoaded(arrived);
    return arrived;
  };
  return Promise.all(wanted.map(load));
}

/** The digest of the case as it arrived in this browser. */
export function digestOfLoaded(loaded: readonly LoadedObject[]): Promise<string> {
  return caseDigest(new Map(loaded.map((object) => [object.sopInstanceUid, object.digest])));
}
