/** One CT slice read without the page's code: geometry by dcmdump, values from the end of the file. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runProgram } from './processes.js';

/** The numbers of an attribute, as dcmdump prints them between brackets. */
function numbersOf(dump, tag) {
  const found = dump.match(new RegExp(`^\\(${tag}\\) \\w\\w (?:\\[([^\\]]*)\\]|(\\S+))`, 'm'));
  if (!found) throw new Error(`dcmdump shows no (${tag})`);
  return (found[1] ?? found[2]).split('\\').map(Number);
}

/**
 * Reads an uncompressed slice of signed 16 bits whose pixel data end the file.
 *
 * @returns `valueAt(column, row)` in HU, `point(column, row)` in patient coordinates, `pixel(point)` the other way round,
 * with fractions, the frame of reference, and the grid.
 */
export async function readSlice(bytes, folder, name) {
  const file = path.join(folder, `${name}.dcm`);
  await writeFile(file, bytes);
  const { stdout: dump } = await runProgram('dcmdump', ['+L', file]);
  const one = (tag) => numbersOf(dump, tag)[0];
  const [rows, columns] = [one('0028,0010'), one('0028,0011')];
  const [slope, intercept] = [one('0028,1053'), one('0028,1052')];
  const [rowSpacing, columnSpacing] = numbersOf(dump, '0028,0030');
  const origin = numbersOf(dump, '0020,0032');
  const directions = numbersOf(dump, '0020,0037');
  const start = bytes.length - rows * columns * 2;
  return {
    rows,
    columns,
    rowSpacing,
    columnSpacing,
    origin,
    frame: dump.match(/^\(0020,0052\) UI \[([\d.]+)\]/m)?.[1],
    valueAt: (column, row) => bytes.readInt16LE(start + 2 * (row * columns + column)) * slope + intercept,
    point: (column, row) =>
      origin.map(
        (mm, axis) => mm + directions[axis] * column * columnSpacing + directions[axis + 3] * row * rowSpacing,
      ),
    pixel: (point) =>
      [columnSpacing, rowSpacing].map((spacing, at) => {
        const offsets = point.map((mm, axis) => (mm - origin[axis]) * directions[3 * at + axis]);
        return offsets.reduce((sum, mm) => sum + mm, 0) / spacing;
      }),
  };
}
