/** Values of uncompressed images, read from the same bytes that were hashed; others are left to Cornerstone's decoders. */
import type { DataSet } from 'dicom-parser';
import type { Values } from './difference';
import type { Modality } from './header';

/** Implicit and Explicit VR Little Endian. Source: PS3.5 10.1, A.1, A.2. */
const NATIVE_SYNTAXES = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1'];

/** Whether the pixels are grey words of 16 bits that stand in the file as they are. */
function isNative(dataSet: DataSet): boolean {
  const pixels = dataSet.elements.x7fe00010;
  return (
    NATIVE_SYNTAXES.includes(dataSet.string('x00020010') ?? '') &&
    dataSet.string('x00280004')?.trim() === 'MONOCHROME2' &&
    dataSet.uint16('x00280100') === 16 &&
    Number(dataSet.string('x00280008') ?? '1') === 1 &&
    pixels !== undefined &&
    !pixels.encapsulatedPixelData
  );
}

/**
 * The stored values of an uncompressed image, row by row; null where the file is another kind, or its grid of pixels
 * is not whole.
 */
export function nativePixels(dataSet: DataSet): Int16Array | Uint16Array | null {
  const pixels = dataSet.elements.x7fe00010;
  const length = (dataSet.uint16('x00280010') ?? 0) * (dataSet.uint16('x00280011') ?? 0);
  if (!isNative(dataSet) || !pixels || length === 0 || pixels.length < length * 2) return null;
  const { buffer, byteOffset } = dataSet.byteArray;
  const start = byteOffset + pixels.dataOffset;
  const isSigned = dataSet.uint16('x00280103') === 1;
  const stored = dataSet.uint16('x00280101') ?? 16;
  // Copied: the bytes may begin at an odd place, and the rest of the file need not be kept.
  const words = buffer.slice(start, start + length * 2);
  if (!isSigned) return new Uint16Array(words);
  const values = new Int16Array(words);
  // Bits above the stored ones say nothing, not even about the sign.
  const shift = 32 - stored;
  if (shift > 16)
    for (let at = 0; at < length; at += 1) values[at] = ((values[at] ?? 0) << shift) >> shift;
  return values;
}

/** The values in the image's unit; words where they stay whole numbers that fit. */
export function inUnit(stored: Values, { slope, intercept }: Modality): Values {
  if (slope === 1 && intercept === 0) return stored;
  if (Number.isInteger(slope) && Number.isInteger(intercept)) {
    const whole = new Int16Array(stored.length);
    let at = 0;
    for (; at < whole.length; at += 1) {
      const value = (stored[at] ?? 0) * slope + intercept;
      if (value < -32768 || value > 32767) break;
      whole[at] = value;
    }
    if (at === whole.length) return whole;
  }
  const values = new Float32Array(stored.length);
  for (let at = 0; at < values.length; at += 1) values[at] = (stored[at] ?? 0) * slope + intercept;
  return values;
}
