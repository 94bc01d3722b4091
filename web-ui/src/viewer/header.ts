/** The attributes of a DICOM file that the viewer needs, read once from the received bytes. */
import { type DataSet, parseDicom } from 'dicom-parser';
import type { Plane, Point3 } from './geometry';

/** How stored values become values in the image's unit. */
export interface Modality {
  slope: number;
  intercept: number;
}

/** What the file says about its slice. */
export interface SliceHeader {
  sopInstanceUid: string;
  modality: string;
  /** (0020,0052), to which the place refers; empty where the file states none. */
  frameOfReferenceUid: string;
  plane: Plane;
  /** Window centre and width as stated; null where absent or empty (then taken from the data). */
  window: { centre: number; width: number } | null;
  /** Stored values that are padding, lowest and highest; null where none is stated. */
  padding: { low: number; high: number } | null;
  rescale: Modality;
  /** "HU" for CT, "a.u." where the file states no unit. */
  unit: string;
}

/** Opens a Part 10 file. */
export function openFile(file: ArrayBuffer): DataSet {
  return parseDicom(new Uint8Array(file));
}

/** A number of a multi-valued decimal string; absent and empty both give undefined, never zero. */
function decimal(dataSet: DataSet, tag: string, index = 0): number | undefined {
  const text = dataSet.string(tag)?.split('\\')[index]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Three numbers of a decimal string beginning at `start`. */
export function vector(dataSet: DataSet, tag: string, start = 0): Point3 {
  const values = [0, 1, 2].map((offset) => decimal(dataSet, tag, start + offset));
  if (values.some((value) => value === undefined))
    throw new Error(`${tag} is missing or not numeric`);
  return values as Point3;
}

/** Reads the geometry of a slice whose attributes stand at the top level of the data set. */
function readPlane(dataSet: DataSet): Plane {
  return {
    origin: vector(dataSet, 'x00200032'),
    row: vector(dataSet, 'x00200037'),
    column: vector(dataSet, 'x00200037', 3),
    rows: dataSet.uint16('x00280010') ?? 0,
    columns: dataSet.uint16('x00280011') ?? 0,
    rowSpacingMm: decimal(dataSet, 'x00280030') ?? 1,
    columnSpacingMm: decimal(dataSet, 'x00280030', 1) ?? 1,
  };
}

function readPadding(dataSet: DataSet): SliceHeader['padding'] {
  const signed = dataSet.uint16('x00280103') === 1;
  const read = (tag: string) => (signed ? dataSet.int16(tag) : dataSet.uint16(tag));
  const value = read('x00280120');
  if (value === undefined) return null;
  const limit = read('x00280121') ?? value;
  return { low: Math.min(value, limit), high: Math.max(value, limit) };
}

/** Units (0054,1001) of PET, as they are written; others stand as the file has them. Source: PS3.3 C.8.9.1.1.3. */
const PET_UNITS: Readonly<Record<string, string>> = {
  BQML: 'Bq/mL',
  PROPCPS: 'prop. counts/s',
  PROPCNTS: 'prop. counts',
  CNTS: 'counts',
  GML: 'g/mL',
};

/** What the file says its values are, and never more: nothing here makes a standardised uptake of counts. */
function readUnit(dataSet: DataSet): string {
  const modality = dataSet.string('x00080060')?.trim();
  const units = dataSet.string('x00541001')?.trim();
  if (modality === 'PT' && units) return PET_UNITS[units] ?? units;
  const stated = dataSet.string('x00281054')?.trim();
  if (stated && stated !== 'US') return stated;
  return modality === 'CT' ? 'HU' : 'a.u.';
}

/** Refuses what would otherwise be shown with wrong values. */
function checkReadable(dataSet: DataSet): void {
  const samples = dataSet.uint16('x00280002') ?? 1;
  if (samples !== 1) {
    throw new Error(`a colour image (${samples} samples per pixel) is not read as a grey one`);
  }
  if (dataSet.elements.x00283000) {
    throw new Error(
      'an image with a Modality LUT Sequence (0028,3000) is not read: its values stand in the table',
    );
  }
  if (decimal(dataSet, 'x00281053') === 0) {
    throw new Error('an image with a rescale slope of 0 is not read: all its values would be one');
  }
}

/**
 * How stored values become values. A classic MR image of ours has no modality LUT (PS3.3 C.8.3.1): what its source told by
 * a slope stands in its real-world mapping, so that both are in one unit. Of other makers a mapping isn't taken up: the
 * volume that the model saw was made without it.
 */
function readRescale(dataSet: DataSet): Modality {
  const slope = decimal(dataSet, 'x00281053');
  const intercept = decimal(dataSet, 'x00281052');
  const isOurs = dataSet.string('x00080070')?.trim() === 'Countersign';
  const mapping = dataSet.elements.x00409096?.items?.[0]?.dataSet;
  if (!isOurs || !mapping || slope !== undefined) {
    return { slope: slope ?? 1, intercept: intercept ?? 0 };
  }
  return {
    slope: mapping.double('x00409225') ?? 1,
    intercept: mapping.double('x00409224') ?? 0,
  };
}

/**
 * The window as stated, in the unit of the values. Of MR it is in stored values, because classic MR has no modality LUT that
 * would come before it, and makers who write a slope all the same don't mean it for display: the one rule for original
 * and AI.
 */
function readWindow(dataSet: DataSet, { slope, intercept }: Modality): SliceHeader['window'] {
  const centre = decimal(dataSet, 'x00281050');
  const width = decimal(dataSet, 'x00281051');
  if (centre === undefined || width === undefined || width < 1) return null;
  if (dataSet.string('x00080060')?.trim() !== 'MR') return { centre, width };
  return { centre: centre * slope + intercept, width: width * Math.abs(slope) };
}

/** Reads the header of a single-frame image. */
export function readSliceHeader(file: ArrayBuffer): SliceHeader {
  return sliceHeaderOf(openFile(file));
}

/** The header of a single-frame image that has been opened. */
export function sliceHeaderOf(dataSet: DataSet): SliceHeader {
  checkReadable(dataSet);
  const rescale = readRescale(dataSet);
  return {
    sopInstanceUid: dataSet.string('x00080018') ?? '',
    modality: dataSet.string('x00080060') ?? '',
    frameOfReferenceUid: dataSet.string('x00200052')?.trim() ?? '',
    plane: readPlane(dataSet),
    window: readWindow(dataSet, rescale),
    padding: readPadding(dataSet),
    rescale,
    unit: readUnit(dataSet),
  };
}
