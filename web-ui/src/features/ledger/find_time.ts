/** Finds a moment in the ledger, whose entries are numbered in the order in which they were recorded; pure. */

/** When the entry of a number was recorded, ms. */
export type Probe = (index: number) => Promise<number>;

/** Each look is itself an entry: no search takes more. */
const LOOKS_MAX = 40;

/**
 * The number of the first of `size` entries that was recorded after `moment` (ms); `size` when there is none.
 *
 * Guesses where the moment lies if entries came evenly, and halves where they didn't.
 */
export async function firstAfter(moment: number, size: number, probe: Probe): Promise<number> {
  if (size === 0) return 0;
  let [low, high] = [0, size - 1];
  let [lowTime, highTime] = [await probe(low), await probe(high)];
  if (lowTime > moment) return 0;
  if (highTime <= moment) return size;
  // Now entry `low` is not after the moment, and entry `high` is.
  for (let look = 0; high - low > 1 && look < LOOKS_MAX; look += 1) {
    const share = look % 2 === 0 ? (moment - lowTime) / (highTime - lowTime) : 0.5;
    const guess = low + Math.round(share * (high - low));
    const middle = Math.min(high - 1, Math.max(low + 1, guess));
    const time = await probe(middle);
    if (time <= moment) [low, lowTime] = [middle, time];
    else [high, highTime] = [middle, time];
  }
  return high;
}
