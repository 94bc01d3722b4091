import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadedObject, WantedObject } from '../../viewer/load_objects';
import { dropPrefetched, prefetch, takePrefetched } from './prefetch';

const underWay = vi.hoisted(() => ({ now: 0, most: 0, asked: [] as string[] }));

vi.mock('./hand', () => ({ handAtRest: () => Promise.resolve() }));

vi.mock('../../viewer/load_objects', () => ({
  sourceObjects: ({ uids }: { uids: string[] }) =>
    uids.map((sopInstanceUid) => ({ role: 'SOURCE', seriesInstanceUid: '1', sopInstanceUid })),
  loadObjects: async (
    _study: string,
    wanted: WantedObject[],
    keep: (object: LoadedObject) => void,
    signal: AbortSignal,
  ) => {
    for (const object of wanted) {
      underWay.now += 1;
      underWay.most = Math.max(underWay.most, underWay.now);
      underWay.asked.push(object.sopInstanceUid);
      await new Promise((come) => setTimeout(come, 10));
      underWay.now -= 1;
      signal.throwIfAborted();
      keep(object as LoadedObject);
    }
  },
}));

const next = (id: string, uids: string[]) =>
  ({ id, study: { studyInstanceUid: '1.9' }, uids }) as unknown as Parameters<typeof prefetch>[0];

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(underWay, { now: 0, most: 0, asked: [] });
});
afterEach(() => {
  dropPrefetched();
  vi.useRealTimers();
});

describe('fetching the next case ahead', () => {
  it('asks for one object at a time, and for none twice', async () => {
    void prefetch(next('case_1', ['a', 'b', 'c']));
    void prefetch(next('case_1', ['a', 'b', 'c']));
    await vi.runAllTimersAsync();
    expect(underWay).toMatchObject({ most: 1, asked: ['a', 'b', 'c'] });
    expect([...takePrefetched('case_1').keys()]).toEqual(['a', 'b', 'c']);
  });

  it('asks for no more once the case is opened, and gives what has come', async () => {
    void prefetch(next('case_1', ['a', 'b', 'c']));
    await vi.advanceTimersByTimeAsync(15);
    expect([...takePrefetched('case_1').keys()]).toEqual(['a']);
    await vi.runAllTimersAsync();
    expect(underWay.asked).toEqual(['a']);
  });

  it('gives nothing of another case', async () => {
    void prefetch(next('case_1', ['a']));
    await vi.runAllTimersAsync();
    expect(takePrefetched('case_2').size).toBe(0);
    expect(takePrefetched('case_1').size).toBe(0);
  });
});
