/** Fetches one instance whole and hashes what came. */
import { instanceDigest } from './digest';

/** What the server answered; the bytes and their digest where it gave the instance. */
export interface FetchedObject {
  status: number;
  object: { file: ArrayBuffer; digest: string } | null;
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
  return { status, object: { file, digest: await instanceDigest(file) } };
}
