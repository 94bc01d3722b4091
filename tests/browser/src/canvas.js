/** What a canvas really shows, as figures. */

/**
 * Reads the pixels of a canvas.
 *
 * @param {import('playwright-core').Locator} canvas
 * @returns {Promise<{ levels: number, lit: number, grey: number, red: number, blue: number, mean: number }>}
 *   `levels`: how many different brightnesses; shares (0–1) of pixels that are not black, and, among those,
 *   of grey, reddish and bluish ones; `mean` brightness (0–255).
 */
export function canvasFigures(canvas) {
  return canvas.evaluate((element) => {
    const { width, height } = element;
    // Read from a copy, so that the page's own canvas stays where it is.
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    context.drawImage(element, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const levels = new Set();
    const count = { lit: 0, grey: 0, red: 0, blue: 0 };
    let sum = 0;
    for (let at = 0; at < data.length; at += 4) {
      const [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
      const brightness = Math.round((red + green + blue) / 3);
      sum += brightness;
      levels.add(brightness);
      if (brightness === 0) continue;
      count.lit += 1;
      if (Math.max(red, green, blue) - Math.min(red, green, blue) <= 6) count.grey += 1;
      else if (red > blue) count.red += 1;
      else count.blue += 1;
    }
    const share = (part) => part / Math.max(1, count.lit);
    return {
      levels: levels.size,
      lit: count.lit / (data.length / 4),
      grey: share(count.grey),
      red: share(count.red),
      blue: share(count.blue),
      mean: sum / (data.length / 4),
    };
  });
}

/** Whether every visible canvas of the page has been drawn in the size that it has now. */
export function canvasesFit(page) {
  return page.locator('[data-pane] canvas').evaluateAll((canvases) =>
    canvases.every(({ width, height, clientWidth, clientHeight }) => {
      const near = (drawn, shown) => Math.abs(drawn - shown * window.devicePixelRatio) <= 1;
      return near(width, clientWidth) && near(height, clientHeight);
    }),
  );
}
