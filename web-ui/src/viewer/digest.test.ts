import { describe, expect, it } from 'vitest';
import { caseDigest, dataSetStart, instanceDigest, sha256 } from './digest';

/** A Part 10 file whose group 0002 holds `meta` and whose data set is `dataSet`. */
function part10(meta: number[], dataSet: number[]): ArrayBuffer {
  const bytes = new Uint8Array(132 + 12 + meta.length + dataSet.length);
  bytes.set(new TextEncoder().encode('DICM'), 128);
  bytes.set([2, 0, 0, 0, 0x55, 0x4c, 4, 0, meta.length, 0, 0, 0], 132);
  bytes.set(meta, 144);
  bytes.set(dataSet, 144 + meta.length);
  return bytes.buffer;
}

describe('digests', () => {
  it('agree with the vectors of FIPS 180', async () => {
    expect(await sha256(new TextEncoder().encode('abc'))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    expect(await sha256(new Uint8Array(0))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
  });

  it('of an instance leave group 0002 out', async () => {
    const abc = [0x61, 0x62, 0x63];
    const expected = await sha256(new TextEncoder().encode('abc'));
    expect(await instanceDigest(part10([1, 2, 3, 4], abc))).toBe(expected);
    expect(await instanceDigest(part10([9, 9], abc))).toBe(expected);
  });

  it('refuse bytes that are no DICOM file, and a file that ends inside its group 0002', () => {
    expect(() => dataSetStart(new Uint8Array(200))).toThrow('not a DICOM file');
    const cut = new Uint8Array(part10([1, 2, 3, 4], [])).subarray(0, 146);
    expect(() => dataSetStart(cut)).toThrow('ends inside');
  });

  it('of a case are the digest of the sorted lines', async () => {
    // printf '1.2.10 bb\n1.2.9 aa\n' | sha256sum
    const digest = await caseDigest(
      new Map([
        ['1.2.9', 'aa'],
        ['1.2.10', 'bb'],
      ]),
    );
    expect(digest).toBe(await sha256(new TextEncoder().encode('1.2.10 bb\n1.2.9 aa\n')));
    expect(digest).toBe('72e4bc205976f61143aeecf497e0b04995ea56d27e907eac81e6e9f87f187c3d');
  });
});
