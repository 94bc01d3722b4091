/**
 * Fetches, hashes and reads beside the page: a case is hundreds of megabytes, and reading begins before all of them are
 * there. What was read of the hashed bytes is handed over itself, and no longer there for this worker to change.
 */
import { type FetchedObject, fetchObject } from './fetch_object';
import { buffersOf } from './read_object';

/** Asks for an object, or gives one up that was asked for under the number. */
export type ObjectTask = { number: number; address: string | null };

/** `failure` is said where no answer came. */
export type ObjectAnswer = { number: number } & (FetchedObject | { failure: string });

const underWay = new Map<number, AbortController>();

async function answer(number: number, address: string): Promise<void> {
  const stop = new AbortController();
  underWay.set(number, stop);
  try {
    const fetched = await fetchObject(address, stop.signal);
    const transfer = fetched.object ? buffersOf(fetched.object.content) : [];
    self.postMessage({ number, ...fetched } satisfies ObjectAnswer, { transfer });
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    self.postMessage({ number, failure } satisfies ObjectAnswer);
  } finally {
    underWay.delete(number);
  }
}

self.onmessage = ({ data: { number, address } }: MessageEvent<ObjectTask>) => {
  if (address === null) underWay.get(number)?.abort();
  else void answer(number, address);
};
