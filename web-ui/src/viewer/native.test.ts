import { describe, expect, it } from 'vitest';
import { openFile } from './header';
import { inUnit, nativePixels } from './native';
import { dicomFile, text, uint16, words } from './part10_for_tests';

interface Kind {
  colours?: string;
  allocated?: number;
  stored?: number;
  signed?: boolean;
  columns?: number;
}

/** A file of one row with these bits. */
function fileOf(bits: readonly number[], kind: Kind = {}) {
  const { colours = 'MONOCHROME2', allocated = 16, stored = 16, signed = true } = kind;
  return openFile(
    dicomFile([
      text(0x0028, 0x0004, 'CS', colours),
      uint16(0x0028, 0x0010, 1),
      uint16(0x0028, 0x0011, kind.columns ?? bits.length),
      uint16(0x0028, 0x0100, allocated),
      uint16(0x0028, 0x0101, stored),
      uint16(0x0028, 0x0103, signed ? 1 : 0),
      words(0x7fe0, 0x0010, bits),
    ]),
  );
}

describe('uncompressed pixels', () => {
  it('come as they are stored, with their sign', () => {
    expect([...(nativePixels(fileOf([0, 1, 0xffff, 0x8000])) ?? [])]).toEqual([0, 1, -1, -32768]);
    expect([...(nativePixels(fileOf([0, 1, 0xffff], { signed: false })) ?? [])]).toEqual([
      0, 1, 65535,
    ]);
  });

  it('take their sign from the highest bit that is stored, whatever stands above it', () => {
    const twelve = fileOf([0x0800, 0x07ff, 0xf801, 0x0001], { stored: 12 });
    expect([...(nativePixels(twelve) ?? [])]).toEqual([-2048, 2047, -2047, 1]);
  });

  it('are left to the decoders where they are of another kind or cut off', () => {
    expect(nativePixels(fileOf([0, 1], { colours: 'MONOCHROME1' }))).toBeNull();
    expect(nativePixels(fileOf([0, 1], { allocated: 8, stored: 8 }))).toBeNull();
    expect(nativePixels(fileOf([0, 1], { columns: 3 }))).toBeNull();
  });

  it('stay words where the unit allows it, and lose nothing where it does not', () => {
    const stored = Int16Array.of(0, 1, -5, 3000);
    expect(inUnit(stored, { slope: 1, intercept: 0 })).toBe(stored);
    const hounsfield = inUnit(stored, { slope: 1, intercept: -1024 });
    expect(hounsfield).toBeInstanceOf(Int16Array);
    expect([...hounsfield]).toEqual([-1024, -1023, -1029, 1976]);
    expect([...inUnit(stored, { slope: 20, intercept: 0 })]).toEqual([0, 20, -100, 60000]);
    expect([...inUnit(stored, { slope: 0.5, intercept: 1 })]).toEqual([1, 1.5, -1.5, 1501]);
  });
});
