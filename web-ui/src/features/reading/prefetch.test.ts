import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchObject } from '../../viewer/fetch_object';
import { dicomFile, text } from '../../viewer/part10_for_tests';
import { dropPrefetched, prefetch, takePrefetched } from './prefetch';

// Without a worker: the same function in this thread.
vi.mock('../../viewer/object_desk', () => ({ objectDesk: () => ({ fetch: fetchObject }) }));

const FILE = dicomFile([text(0x0008, 0x0018, 'UI', '1.2')]);
const next = (id: string) =>
  ({
    id,
    study: { studyInstanceUid: '1.9' },
    source: {
      seriesInstanceUid: '1.8',
      instances: [0, 1, 2, 3, 4].map((slice) => ({ sopInstanceUid: `1.${slice}`, slice })),
    },
  }) as never;

describe('the next original', () => {
  const asked: string[] = [];
  const answer = vi.fn(async (address: string) => {
    asked.push(address);
    return new Response(FILE.slice(0));
  });
  afterEach(() => {
    dropPrefetched();
    asked.length = 0;
    vi.unstubAllGlobals();
  });

  it('is fetched ahead, its middle first and nothing of the AI, and given once to its case', async () => {
    vi.stubGlobal('fetch', answer);
    await prefetch(next('cas_b'));
    expect(asked[0]).toBe('/dicom-web/studies/1.9/series/1.8/instances/1.2');
    expect(asked).toHaveLength(5);
    const taken = takePrefetched('cas_b');
    expect([...taken.keys()].sort()).toEqual(['1.0', '1.1', '1.2', '1.3', '1.4']);
    expect(taken.get('1.2')?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(takePrefetched('cas_b').size).toBe(0);
  });

  it('is never given to another case', async () => {
    vi.stubGlobal('fetch', answer);
    await prefetch(next('cas_b'));
    expect(takePrefetched('cas_c').size).toBe(0);
    expect(takePrefetched('cas_b').size).toBe(0);
  });

  it('is not missed where it can’t be had: opening the case asks again', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 403 }));
    await prefetch(next('cas_b'));
    expect(takePrefetched('cas_b').size).toBe(0);
  });
});
