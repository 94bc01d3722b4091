/** The digest of a case, computed beside the product from the bytes that a reader may fetch. */
import { createHash } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** The bytes of a Part 10 file behind its group 0002. Source: PS3.10 7.1. */
function dataSetOf(file) {
  const groupLengthAt = 132;
  return file.subarray(groupLengthAt + 12 + file.readUInt32LE(groupLengthAt + 8));
}

/**
 * SHA-256 over the sorted lines `SOPInstanceUID digest\n`.
 *
 * @param {[string, Buffer][]} instances SOP Instance UID and whole file.
 */
export function caseDigestOf(instances) {
  const lines = instances.map(([uid, file]) => `${uid} ${sha256(dataSetOf(file))}\n`);
  return sha256(lines.sort().join(''));
}
