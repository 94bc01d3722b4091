import { describe, expect, it } from 'vitest';
import { caseDigest, dataSetStart, instanceDigest, sha256 } from './digest';
import { readFloatMap } from './float_map';
import { readSliceHeader } from './header';
import { dicomFile, type Element, floats, item, sequence, text, uint16 } from './part10_for_tests';

const frame = (z: number): Element[] => [
  sequence(0x0020, 0x9113, [item([text(0x0020, 0x0032, 'DS', `-10\\-20\\${z}`)])]),
];

/** A map of two frames of 2 × 3 pixels, the upper one first. */
function floatMap(values: number[], frames: Element[][], uid = '1.2.3'): ArrayBuffer {
  const shared = [
    sequence(0x0020, 0x9116, [item([text(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0')])]),
    sequence(0x0028, 0x9110, [item([text(0x0028, 0x0030, 'DS', '2\\3')])]),
  ];
  return dicomFile([
    text(0x0008, 0x0018, 'UI', uid),
    text(0x0028, 0x0008, 'IS', String(frames.length)),
    uint16(0x0028, 0x0010, 2),
    uint16(0x0028, 0x0011, 3),
    sequence(0x5200, 0x9229, [item(shared)]),
    sequence(0x5200, 0x9230, frames.map(item)),
    floats(0x7fe0, 0x0008, values),
  ]);
}

describe('a float map', () => {
  const upper = [7, 8, 9, 10, 11, 12.5];
  const lower = [1, 2, 3, 4, 5, 6.5];

  it('is read frame by frame, sorted by position', () => {
    const frames = readFloatMap(floatMap([...upper, ...lower], [frame(5), frame(0)]));
    expect(frames.map(({ plane }) => plane.origin[2])).toEqual([0, 5]);
    expect([...(frames[0]?.values ?? [])]).toEqual(lower);
    expect([...(frames[1]?.values ?? [])]).toEqual(upper);
    expect(frames[0]?.plane).toMatchObject({
      rows: 2,
      columns: 3,
      rowSpacingMm: 2,
      columnSpacingMm: 3,
      row: [1, 0, 0],
      column: [0, 1, 0],
    });
  });

  it('is read wherever its values begin, from the file itself where they stand on a multiple of four', () => {
    const read = ['1.2.3', '1.2.3.4'].map((uid) => {
      const file = floatMap([...upper, ...lower], [frame(5), frame(0)], uid);
      const frames = readFloatMap(file);
      expect(frames.map(({ values }) => [...values])).toEqual([lower, upper]);
      return frames[0]?.values.buffer === file;
    });
    expect(read.sort()).toEqual([false, true]);
  });

  it('with too few pixels is refused', () => {
    expect(() => readFloatMap(floatMap(upper, [frame(0), frame(5)]))).toThrow(
      'complete float pixel data',
    );
  });

  it('with a frame that has no place is refused', () => {
    expect(() => readFloatMap(floatMap([...upper, ...lower], [frame(0), []]))).toThrow('frame 2');
  });

  it('has the digest of its bytes behind group 0002', async () => {
    const file = floatMap([...upper, ...lower], [frame(5), frame(0)]);
    const bytes = new Uint8Array(file);
    const digest = await instanceDigest(file);
    expect(digest).toBe(await sha256(bytes.slice(dataSetStart(bytes))));
    expect(await caseDigest(new Map([['1.2.3', digest]]))).toHaveLength(64);
  });
});

describe('the header of a slice', () => {
  const geometry = [
    text(0x0020, 0x0032, 'DS', '-10\\-20\\30'),
    text(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0'),
    uint16(0x0028, 0x0010, 4),
    uint16(0x0028, 0x0011, 4),
    text(0x0028, 0x0030, 'DS', '0.5\\0.5'),
  ];

  it('of an MR without rescale and window is the identity, without unit, its window taken from the data', () => {
    const header = readSliceHeader(dicomFile([text(0x0008, 0x0060, 'CS', 'MR'), ...geometry]));
    expect(header).toMatchObject({
      rescale: { slope: 1, intercept: 0 },
      window: null,
      unit: 'a.u.',
    });
  });

  it('with empty rescale values is the identity, too', () => {
    const empty = [text(0x0028, 0x1052, 'DS', ''), text(0x0028, 0x1053, 'DS', '')];
    const header = readSliceHeader(
      dicomFile([text(0x0008, 0x0060, 'CS', 'MR'), ...geometry, ...empty]),
    );
    expect(header.rescale).toEqual({ slope: 1, intercept: 0 });
  });

  it('of a CT states HU, its window and its padding', () => {
    const header = readSliceHeader(
      dicomFile([
        text(0x0008, 0x0060, 'CS', 'CT'),
        ...geometry,
        uint16(0x0028, 0x0103, 1),
        uint16(0x0028, 0x0120, 0x10000 - 2000),
        text(0x0028, 0x1050, 'DS', '40\\-600'),
        text(0x0028, 0x1051, 'DS', '400\\1500'),
        text(0x0028, 0x1052, 'DS', '-1024'),
      ]),
    );
    expect(header).toMatchObject({
      unit: 'HU',
      window: { centre: 40, width: 400 },
      padding: { low: -2000, high: -2000 },
      rescale: { slope: 1, intercept: -1024 },
    });
  });
});
