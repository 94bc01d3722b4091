import { describe, expect, it } from 'vitest';
import { firstAfter } from './find_time';

/** Looks into a list and counts the looks. */
function ledgerOf(times: readonly number[]) {
  const looked = { count: 0 };
  const probe = async (index: number) => {
    looked.count += 1;
    const time = times[index];
    if (time === undefined) throw new Error(`there is no entry ${index}`);
    return time;
  };
  return { looked, probe };
}

describe('a moment in the ledger', () => {
  const even = Array.from({ length: 1_000 }, (_, index) => index * 10);
  // A night without entries, and many in one morning.
  const uneven = even.map((_, index) => (index < 10 ? index : 1_000_000 + index));
  const same = even.map((_, index) => Math.floor(index / 100));

  it.each([
    ['even', even],
    ['uneven', uneven],
    ['same', same],
    ['one', [5]],
    ['none', []],
  ])('is found where a walk through %s entries would find it', async (_name, times) => {
    const moments = [-1, 0, 4, 5, 6, 9, 4_999, 5_000, 9_990, 500_000, 1_000_010, 2_000_000];
    for (const moment of moments) {
      const { probe } = ledgerOf(times);
      const walked = times.findIndex((time) => time > moment);
      expect(await firstAfter(moment, times.length, probe), `${moment}`).toBe(
        walked < 0 ? times.length : walked,
      );
    }
  });
  it('is found in few looks, for each is an entry', async () => {
    const { looked, probe } = ledgerOf(even);
    await firstAfter(4_321, even.length, probe);
    expect(looked.count).toBeLessThanOrEqual(8);
    const other = ledgerOf(uneven);
    await firstAfter(1_000_500, uneven.length, other.probe);
    expect(other.looked.count).toBeLessThanOrEqual(24);
  });
});
