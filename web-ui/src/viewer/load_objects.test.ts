import { afterEach, describe, expect, it, vi } from 'vitest';
import { onSignedOut, tellSignedInAgain } from '../api/client';
import { fetchObject } from './fetch_object';
import { loadObjects, ObjectLoadError, wantedObjects } from './load_objects';
import { dicomFile, text } from './part10_for_tests';

// Without a worker: the same function in this thread.
vi.mock('./object_desk', () => ({ objectDesk: () => ({ fetch: fetchObject }) }));

const FILE = dicomFile([text(0x0008, 0x0018, 'UI', '1.2')]);
const series = (seriesInstanceUid: string, count: number) => ({
  seriesInstanceUid,
  instances: Array.from({ length: count }, (_, slice) => ({
    sopInstanceUid: `${seriesInstanceUid}.${slice}`,
    slice,
  })),
});
const readingCase = {
  source: series('1', 5),
  derived: [
    { role: 'UPPER', ...series('5', 1) },
    { role: 'IMAGE', ...series('2', 5) },
    { role: 'LOWER', ...series('4', 1) },
    { role: 'UNCERTAINTY', ...series('3', 1) },
  ],
} as never;

describe('what is wanted of a case', () => {
  it('begins with what the four panes show first, and ends with what is only measured', () => {
    const uids = wantedObjects(readingCase).map(({ sopInstanceUid }) => sopInstanceUid);
    expect(uids.slice(0, 2)).toEqual(['1.2', '2.2']);
    expect(uids.slice(2, 7)).toEqual(['1.1', '1.3', '1.0', '1.4', '3.0']);
    expect(uids.slice(-2)).toEqual(['4.0', '5.0']);
    expect(new Set(uids).size).toBe(13);
  });
});

describe('objects that are fetched', () => {
  const wanted = wantedObjects(readingCase);
  const load = () => loadObjects('1.9', wanted, () => undefined, new AbortController().signal);
  afterEach(() => vi.unstubAllGlobals());

  it('wait for the reader to sign in again where the login is over, and are all there then', async () => {
    let isOver = true;
    vi.stubGlobal('fetch', async () =>
      isOver ? new Response('', { status: 401 }) : new Response(FILE.slice(0)),
    );
    const asked = new Promise<void>((resolve) => {
      const stop = onSignedOut(() => {
        stop();
        resolve();
      });
    });
    const loading = load();
    await asked;
    isOver = false;
    tellSignedInAgain();
    expect(await loading).toHaveLength(13);
  });

  it('are refused whole where one of them is not to be had', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 404 }));
    await expect(load()).rejects.toThrow(ObjectLoadError);
  });

  it('come a few at a time, and one of them beside a map', async () => {
    let [now, most, besideMap] = [0, 0, 0];
    const isMap = (address: string) => /series\/[345]\//.test(address);
    const under = new Set<string>();
    vi.stubGlobal('fetch', async (address: string) => {
      under.add(address);
      now += 1;
      most = Math.max(most, now);
      if ([...under].some(isMap)) besideMap = Math.max(besideMap, now - 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      under.delete(address);
      return new Response(FILE.slice(0));
    });
    const loaded = await load();
    expect(loaded.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(
      wanted.map(({ sopInstanceUid }) => sopInstanceUid),
    );
    expect(most).toBeLessThanOrEqual(6);
    expect(besideMap).toBe(1);
  });
});
