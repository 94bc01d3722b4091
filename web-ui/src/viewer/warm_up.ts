/** Has the contexts at hand that the first images would otherwise wait for. */
import { Enums } from '@cornerstonejs/core';
import { dropImages, keepGreyImage } from './cornerstone';
import { enableViewport, renderingEngine, type Share, viewportOf } from './engines';
import type { Plane } from './geometry';

const PLANE: Plane = {
  origin: [0, 0, 0],
  row: [1, 0, 0],
  column: [0, 1, 0],
  rows: 64,
  columns: 64,
  rowSpacingMm: 1,
  columnSpacingMm: 1,
};

/**
 * Draws a black image once in each place, which nobody sees and which is as large as the pane that will stand there: what
 * its context has to make for a first image is there then.
 */
export async function warmUp(share: Share, places: readonly HTMLDivElement[]): Promise<void> {
  const engine = renderingEngine(share);
  const names: string[] = [];
  try {
    for (const element of places) {
      const viewportId = `warming ${names.length}`;
      enableViewport(share, viewportId, element);
      names.push(viewportId);
      await drawBlack(share, viewportId, element);
    }
  } finally {
    for (const viewportId of names) engine.disableElement(viewportId);
  }
}

async function drawBlack(share: Share, viewportId: string, element: HTMLElement): Promise<void> {
  const imageId = `computed:${share} ${viewportId}`;
  keepGreyImage(imageId, PLANE, new Int16Array(PLANE.rows * PLANE.columns));
  try {
    const viewport = viewportOf(share, viewportId);
    await viewport?.setStack([imageId]);
    viewport?.render();
    await new Promise((drawn) => {
      element.addEventListener(Enums.Events.IMAGE_RENDERED, drawn, { once: true });
    });
  } finally {
    dropImages([imageId]);
  }
}
