/** Parametric maps with Float Pixel Data, read from the same bytes that were hashed. */
import type { DataSet } from 'dicom-parser';
import { normalOf, type Plane, type Point3, positionOf } from './geometry';
import { openFile, vector } from './header';

/** One frame of a map. */
export interface MapFrame {
  plane: Plane;
  /** Row by row, in the map's unit. */
  values: Float32Array;
}

function firstItem(dataSet: DataSet | undefined, tag: string): DataSet | undefined {
  return dataSet?.elements[tag]?.items?.[0]?.dataSet;
}

/** The item of a functional group: that of the frame, else the shared one. */
function functionalGroup(dataSet: DataSet, frame: number, tag: string): DataSet {
  const perFrame = dataSet.elements.x52009230?.items?.[frame]?.dataSet;
  const shared = firstItem(dataSet, 'x52009229');
  const found = firstItem(perFrame, tag) ?? firstItem(shared, tag);
  if (!found) throw new Error(`frame ${frame + 1} of the map has no functional group ${tag}`);
  return found;
}

function readPlane(dataSet: DataSet, frame: number): Plane {
  const orientation = functionalGroup(dataSet, frame, 'x00209116');
  const measures = functionalGroup(dataSet, frame, 'x00289110');
  const spacing = (measures.string('x00280030') ?? '').split('\\').map(Number);
  const [rowSpacingMm = Number.NaN, columnSpacingMm = Number.NaN] = spacing;
  if (!(rowSpacingMm > 0 && columnSpacingMm > 0))
    throw new Error('the map states no pixel spacing');
  return {
    origin: vector(functionalGroup(dataSet, frame, 'x00209113'), 'x00200032'),
    row: vector(orientation, 'x00200037'),
    column: vector(orientation, 'x00200037', 3),
    rows: dataSet.uint16('x00280010') ?? 0,
    columns: dataSet.uint16('x00280011') ?? 0,
    rowSpacingMm,
    columnSpacingMm,
  };
}

/** Floats where they lie, for maps are large; copied out where they begin at no multiple of four. */
function floatsAt(file: ArrayBufferLike, start: number, length: number): Float32Array {
  return start % 4 === 0
    ? new Float32Array(file, start, length)
    : new Float32Array(file.slice(start, start + length * 4));
}

/**
 * Reads the frames of a Parametric Map, sorted by position along the normal.
 *
 * @throws Error when geometry or Float Pixel Data (7FE0,0008) are missing or too short.
 *
 * Source: PS3.3 A.75, C.7.6.16.2.
 */
export const readFloatMap = (file: ArrayBuffer): MapFrame[] => mapFramesOf(openFile(file));

/** The same of a file that has been opened. */
export function mapFramesOf(dataSet: DataSet): MapFrame[] {
  const pixels = dataSet.elements.x7fe00008;
  const frameCount = Number(dataSet.string('x00280008') ?? '1');
  const frameLength = (dataSet.uint16('x00280010') ?? 0) * (dataSet.uint16('x00280011') ?? 0);
  if (!pixels || frameLength === 0 || pixels.length < frameCount * frameLength * 4) {
    throw new Error('the map holds no complete float pixel data');
  }
  const start = dataSet.byteArray.byteOffset + pixels.dataOffset;
  const floats = floatsAt(dataSet.byteArray.buffer, start, frameCount * frameLength);
  const frames = Array.from({ length: frameCount }, (_, frame) => ({
    plane: readPlane(dataSet, frame),
    values: floats.subarray(frame * frameLength, (frame + 1) * frameLength),
  }));
  const first = frames[0];
  if (!first) return [];
  const normal: Point3 = normalOf(first.plane);
  return frames.sort(
    (a, b) => positionOf(a.plane.origin, normal) - positionOf(b.plane.origin, normal),
  );
}
