/** Where in the patient a point of a pane lies, computed from the files beside the page's own code. */

/** The pixel of the slice that is shown in a pane under a fraction of its size; the whole image is fitted in. */
export async function pixelUnder(opened, slices, pane, x, y) {
  const slice = slices[(await opened.place(pane)).slice - 1];
  const box = await opened.pane(pane).locator('.pane-surface').boundingBox();
  const outer = await opened.pane(pane).boundingBox();
  const scale = Math.min(
    box.width / (slice.columns * slice.columnSpacing),
    box.height / (slice.rows * slice.rowSpacing),
  );
  const place = { x: outer.x + outer.width * x, y: outer.y + outer.height * y };
  const column = (place.x - box.x - box.width / 2) / scale / slice.columnSpacing + (slice.columns - 1) / 2;
  const row = (place.y - box.y - box.height / 2) / scale / slice.rowSpacing + (slice.rows - 1) / 2;
  return { slice, column, row, scale };
}

/** The whole pixel of the screen nearest to the middle of a slice's pixel in a pane, the whole image fitted in. */
export async function placeOfPixel(opened, slice, pane, column, row) {
  const box = await opened.pane(pane).locator('.pane-surface').boundingBox();
  const scale = Math.min(
    box.width / (slice.columns * slice.columnSpacing),
    box.height / (slice.rows * slice.rowSpacing),
  );
  const x = box.x + box.width / 2 + (column - (slice.columns - 1) / 2) * slice.columnSpacing * scale;
  const y = box.y + box.height / 2 + (row - (slice.rows - 1) / 2) * slice.rowSpacing * scale;
  return { x: Math.round(x), y: Math.round(y) };
}
