/** Fetches one instance whole, hashes what came, and reads it. */
import { instanceDigest } from './digest';
import { type ObjectContent, readObject } from './read_object';

/** What the server answered; where it gave the instance, what that holds and the digest of its bytes. */
export interface FetchedObject {
  status: number;
  object: { content: ObjectContent; digest: string } | null;
}

export async function fetchObject(address: string, signal: AbortSignal): Promise<FetchedObject> {
  const response = await fetch(address, {
    credentials: 'same-origin',
    headers: { accept: 'application/dicom' },
    signal,
  });
  const { status } = response;
  if (!response.ok) return { status, object: null };
  const file = await response.arrayBuffer();
  // The browser hashes in a thread of its own, while this one reads the same bytes.
  const [digest, content] = await Promise.all([instanceDigest(file), contentOf(file)]);
  return { status, object: { content, digest } };
}

/** Fails in the order in which it is asked for: what is no DICOM file is told as that. */
const contentOf = async (file: ArrayBuffer): Promise<ObjectContent> => readObject(file);
