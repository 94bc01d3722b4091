import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', new EventTarget());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** How long it is waited for the hand, with a turn of the wheel every so often. */
async function waited(turnsEveryMs: number | null, forMs: number): Promise<number> {
  const { handAtRest } = await import('./hand');
  await handAtRest();
  const turn = () => window.dispatchEvent(new Event('wheel'));
  if (turnsEveryMs !== null) {
    turn();
    const turning = setInterval(turn, turnsEveryMs);
    setTimeout(() => clearInterval(turning), forMs);
  }
  const since = performance.now();
  let rested = Number.NaN;
  void handAtRest().then(() => {
    rested = performance.now() - since;
  });
  await vi.advanceTimersByTimeAsync(5_000);
  return rested;
}

describe('what waits for the hand to rest', () => {
  it('goes on at once where nothing moves', async () => {
    expect(await waited(null, 0)).toBe(0);
  });
  it('goes on a moment after the last movement', async () => {
    expect(await waited(100, 350)).toBeGreaterThanOrEqual(550);
    expect(await waited(100, 350)).toBeLessThan(1_000);
  });
  it('does not wait for ever', async () => {
    expect(await waited(50, 4_000)).toBe(1_000);
  });
});
