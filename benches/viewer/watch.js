/**
 * Put into both pages before their own scripts: says when each pane first showed an image, drives the wheel, and sums
 * how long the page could not answer. It hears Cornerstone's own events, the same in both pages.
 */
export function watch() {
  const PANES = ['original', 'ai', 'difference', 'uncertainty'];
  const PATIENCE_MS = 20_000;
  const bench = { clickedAt: null, firstAt: {}, frames: 0, blocked: [] };
  window.viewerBench = bench;
  /** Panes that were asked for an image since the clock was armed: looking at others would cost time. */
  const given = new Set();
  /** Panes whose newest image is not drawn yet, and who waits for them. */
  const stale = new Set();
  let waiting = null;

  const paneOf = (event) => event.target.closest?.('[data-pane]')?.dataset.pane;

  /** Whether a canvas shows more than one grey. */
  function isLit(canvas) {
    const copy = new OffscreenCanvas(64, 64).getContext('2d', { willReadFrequently: true });
    copy.drawImage(canvas, 0, 0, 64, 64);
    const { data } = copy.getImageData(0, 0, 64, 64);
    const colours = new Set();
    for (let at = 0; at < data.length; at += 4) colours.add(data[at] * 65_536 + data[at + 1] * 256 + data[at + 2]);
    return colours.size > 8;
  }

  /** Arms the clock: it starts with the next click, or stroke of Enter. */
  bench.arm = () => {
    bench.clickedAt = null;
    bench.firstAt = {};
    bench.blocked = [];
    given.clear();
  };
  document.addEventListener(
    'click',
    () => {
      bench.clickedAt ??= performance.now();
    },
    true,
  );

  document.addEventListener(
    'CORNERSTONE_PRE_STACK_NEW_IMAGE',
    (event) => {
      if (bench.clickedAt !== null) given.add(paneOf(event));
    },
    true,
  );
  document.addEventListener(
    'CORNERSTONE_STACK_NEW_IMAGE',
    (event) => {
      const pane = paneOf(event);
      if (waiting?.due.has(pane)) {
        waiting.due.delete(pane);
        stale.add(pane);
      }
    },
    true,
  );
  document.addEventListener(
    'CORNERSTONE_IMAGE_RENDERED',
    (event) => {
      const pane = paneOf(event);
      if (!pane) return;
      bench.frames += 1;
      if (given.has(pane) && bench.firstAt[pane] === undefined) {
        const canvas = event.target.querySelector('canvas');
        // The moment before the look, which costs more than the picture.
        const now = performance.now();
        if (canvas?.width && isLit(canvas)) bench.firstAt[pane] = now;
      }
      stale.delete(pane);
      if (waiting && waiting.due.size === 0 && stale.size === 0) waiting.done();
    },
    true,
  );

  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      if (bench.clickedAt !== null && startTime + duration > bench.clickedAt) bench.blocked.push(duration);
    }
  }).observe({ type: 'longtask' });

  /** Seconds from the click until the panes had shown something; null while one has not. */
  bench.since = (panes) => {
    const times = panes.map((pane) => bench.firstAt[pane]);
    if (bench.clickedAt === null || times.some((time) => time === undefined)) return null;
    return (Math.max(...times) - bench.clickedAt) / 1000;
  };

  /**
   * Turns the wheel so many times, each time when all panes have drawn the slice before; gives ms per step, and how
   * often a pane was drawn meanwhile.
   */
  bench.scroll = async (steps, direction) => {
    const target = document.querySelector('[data-pane=original] canvas');
    const spent = [];
    const before = bench.frames;
    for (let step = 0; step < steps; step += 1) {
      const started = performance.now();
      await new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`step ${step + 1}: ${[...waiting.due, ...stale]}`)), PATIENCE_MS);
        const done = () => {
          clearTimeout(late);
          waiting = null;
          resolve();
        };
        waiting = { due: new Set(PANES), done };
        target.dispatchEvent(
          new WheelEvent('wheel', { deltaY: 100 * direction, bubbles: true, cancelable: true }),
        );
      });
      spent.push(performance.now() - started);
    }
    return { spent, frames: bench.frames - before };
  };
}
