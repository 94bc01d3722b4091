/** What was signed is what was seen: digests of the bytes that came over the wire. */

const PREAMBLE_LENGTH = 128;
const META_START = PREAMBLE_LENGTH + 4;

/**
 * Finds where the data set begins in a Part 10 file: behind group 0002, whose length the element
 * (0002,0000) states.
 *
 * @throws Error when the bytes are no Part 10 file.
 *
 * Source: PS3.10 7.1.
 */
export function dataSetStart(bytes: Uint8Array): number {
  const magic = String.fromCharCode(...bytes.subarray(PREAMBLE_LENGTH, META_START));
  if (magic !== 'DICM') throw new Error('the bytes are not a DICOM file');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isGroupLength =
    bytes.byteLength >= META_START + 12 &&
    view.getUint16(META_START, true) === 0x0002 &&
    view.getUint16(META_START + 2, true) === 0x0000 &&
    view.getUint16(META_START + 6, true) === 4;
  if (!isGroupLength) throw new Error('the file states no length of its group 0002');
  const start = META_START + 12 + view.getUint32(META_START + 8, true);
  if (start > bytes.byteLength) throw new Error('the file ends inside its group 0002');
  return start;
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Digest of one instance: SHA-256 of its bytes behind group 0002. */
export async function instanceDigest(file: ArrayBuffer): Promise<string> {
  const bytes = new Uint8Array(file);
  return sha256(bytes.subarray(dataSetStart(bytes)));
}

/** Digest of a case: SHA-256 over the sorted lines `SOPInstanceUID digest\n`. */
export async function caseDigest(digests: ReadonlyMap<string, string>): Promise<string> {
  const lines = Array.from(digests, ([uid, digest]) => `${uid} ${digest}\n`);
  // Code-unit order: UIDs and hexadecimal are ASCII, so it is the order of bytes.
  lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sha256(new TextEncoder().encode(lines.join('')));
}
