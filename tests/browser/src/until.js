/** Waiting for a condition with a deadline; nothing here waits for a time that was merely guessed. */
import { setTimeout as pause } from 'node:timers/promises';

/** Who looks without a rest takes the processor from what is waited for: the longer it takes, the seldomer it is asked. */
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 1_000;
const PAUSE_SHARE = 0.05;

/** What makes waiting pointless. */
export class Ended extends Error {}

/**
 * Asks `condition` until it gives something true, and returns that.
 *
 * @param {string} what What is waited for, for the message of a failure.
 * @param {() => unknown} condition May be asynchronous; what it throws counts as "not yet", but for `Ended`.
 * @param {number} [deadlineMs]
 */
export async function until(what, condition, deadlineMs = 20_000) {
  const began = Date.now();
  const end = began + deadlineMs;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      if (error instanceof Ended) throw error;
      last = error;
    }
    const waited = (Date.now() - began) * PAUSE_SHARE;
    await pause(Math.min(PAUSE_MAX_MS, Math.max(PAUSE_MIN_MS, waited)));
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what}: not within ${deadlineMs / 1000} s (last seen: ${seen})`);
}
