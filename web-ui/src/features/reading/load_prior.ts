/** Has the slices of a prior listed, fetched and stacked beside the original. */
import { signedInAgain, tellSignedOut } from '../../api/client';
import type { Instance, Prior } from '../../api/types';
import { decodeSlice, dropImages, readSlice } from '../../viewer/cornerstone';
import {
  type LoadedObject,
  loadObjects,
  ObjectLoadError,
  SIGNED_OUT,
  sourceObjects,
} from '../../viewer/load_objects';
import { normalBeside } from '../../viewer/prior';
import { type Slice, type Stack, stackOf } from '../../viewer/stack';

/** (0008,0018) in the DICOM JSON model. */
const SOP_INSTANCE_UID = '00080018';

type Listed = Record<string, { Value?: string[] } | undefined>[];

/** The instances in the DICOM JSON answer of a list, in the order of their places. */
export function instancesOf(listed: Listed): Instance[] {
  return listed
    .map((set) => set[SOP_INSTANCE_UID]?.Value?.[0])
    .filter((uid) => uid !== undefined)
    .map((sopInstanceUid, slice) => ({ sopInstanceUid, slice }));
}

async function listInstances(prior: Prior, signal: AbortSignal): Promise<Instance[]> {
  const { studyInstanceUid, seriesInstanceUid } = prior;
  const address = `/dicom-web/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances`;
  const accept = 'application/dicom+json';
  const response = await fetch(address, {
    credentials: 'same-origin',
    headers: { accept },
    signal,
  });
  if (response.status === SIGNED_OUT) {
    const again = signedInAgain(signal);
    tellSignedOut();
    await again;
    return listInstances(prior, signal);
  }
  if (!response.ok) throw new ObjectLoadError(response.status);
  return instancesOf((await response.json()) as Listed);
}

/** The decoded images of slices, which whoever is done with them gives back. */
export const imagesOf = (slices: readonly Slice[]): string[] =>
  slices.flatMap(({ imageId }) => imageId ?? []);

const decoded = async (object: LoadedObject): Promise<Slice> =>
  readSlice(object) ?? (await decodeSlice(object));

/**
 * The stack of a prior along the normal of the original, or along its own where it lies across.
 *
 * @throws Error when a slice can't be had or read: a prior with holes would be compared wrongly.
 */
export async function loadPrior(
  prior: Prior,
  original: Stack,
  onLoaded: () => void,
  signal: AbortSignal,
): Promise<Stack> {
  const { studyInstanceUid, seriesInstanceUid } = prior;
  const instances = await listInstances(prior, signal);
  const wanted = sourceObjects({ source: { seriesInstanceUid, instances } });
  const slices: Promise<Slice>[] = [];
  const take = (object: LoadedObject) => {
    const slice = decoded(object);
    // Told below; until then nobody waits for it.
    slice.catch(() => undefined);
    slices.push(slice);
    onLoaded();
  };
  try {
    await loadObjects(studyInstanceUid, wanted, take, signal);
    const all = await Promise.all(slices);
    const first = all[0];
    if (!first) throw new Error('the prior has no slices');
    return stackOf(all, normalBeside(original, first));
  } catch (error) {
    const settled = await Promise.allSettled(slices);
    dropImages(imagesOf(settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))));
    throw error;
  }
}
