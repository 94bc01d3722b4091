/** Whether the reader's hand moves: what can wait, waits for it. */

/** After the last movement the hand is taken to rest. */
const RESTS_AFTER_MS = 250;
/** What waits goes on after this, however long the hand moves. */
const WAITS_AT_MOST_MS = 1_000;

const MOVEMENTS = ['wheel', 'keydown', 'pointerdown'] as const;

let movedAt = Number.NEGATIVE_INFINITY;
let isWatched = false;

/** Begins to watch, once. */
function watch() {
  if (isWatched) return;
  isWatched = true;
  const moved = () => {
    movedAt = performance.now();
  };
  for (const movement of MOVEMENTS) {
    window.addEventListener(movement, moved, { capture: true, passive: true });
  }
}

/** Waits until the hand rests. */
export async function handAtRest(): Promise<void> {
  watch();
  const since = performance.now();
  for (;;) {
    const now = performance.now();
    const left = Math.min(movedAt + RESTS_AFTER_MS, since + WAITS_AT_MOST_MS) - now;
    if (left <= 0) return;
    await new Promise((goOn) => setTimeout(goOn, left));
  }
}
