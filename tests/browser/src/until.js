/** Waiting for a condition with a deadline; nothing here waits for a time that was merely guessed. */
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

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
  const end = Date.now() + deadlineMs;
  let last;
  while (Date.now() < end) {
    try {
      last = await condition();
      if (last) return last;
    } catch (error) {
      if (error instanceof Ended) throw error;
      last = error;
    }
    await pause(LOOK_EVERY_MS);
  }
  const seen = last instanceof Error ? last.message : JSON.stringify(last);
  throw new Error(`${what}: not within ${deadlineMs / 1000} s (last seen: ${seen})`);
}
