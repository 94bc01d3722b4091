import { describe, expect, it } from 'vitest';
import {
  dicomFile,
  type Element,
  floats,
  item,
  sequence,
  text,
  uint16,
  words,
} from './part10_for_tests';
import { buffersOf, readObject } from './read_object';

const GEOMETRY = [
  text(0x0020, 0x0032, 'DS', '-10\\-20\\5'),
  text(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0'),
];
const grid = (more: readonly Element[] = []) => [
  text(0x0028, 0x0004, 'CS', 'MONOCHROME2'),
  uint16(0x0028, 0x0010, 1),
  uint16(0x0028, 0x0011, 3),
  ...more,
  uint16(0x0028, 0x0100, 16),
  uint16(0x0028, 0x0101, 16),
  uint16(0x0028, 0x0103, 1),
];
const HU = [text(0x0028, 0x1052, 'DS', '-1000'), text(0x0028, 0x1053, 'DS', '1')];
const PIXELS = words(0x7fe0, 0x0010, [0, 1040, 5]);
const slice = (...more: Element[]) =>
  dicomFile([
    text(0x0008, 0x0018, 'UI', '1.2'),
    text(0x0008, 0x0060, 'CS', 'CT'),
    ...GEOMETRY,
    ...grid(),
    ...more,
    ...HU,
    PIXELS,
  ]);

describe('what a file holds', () => {
  it('is a slice with its values in their unit and its padding, where they are not compressed', () => {
    const content = readObject(slice(uint16(0x0028, 0x0120, 5)));
    if (content.kind !== 'slice') throw new Error(`it was read as a ${content.kind}`);
    expect(content.header).toMatchObject({ sopInstanceUid: '1.2', unit: 'HU' });
    expect([...content.values]).toEqual([-1000, 40, -995]);
    expect([...(content.excluded ?? [])]).toEqual([0, 0, 1]);
    expect(buffersOf(content)).toEqual([content.values.buffer, content.excluded?.buffer]);
  });

  it('is a map where the values are floats, all of them in one buffer', () => {
    const frame = (z: number) =>
      item([sequence(0x0020, 0x9113, [item([text(0x0020, 0x0032, 'DS', `0\\0\\${z}`)])])]);
    const content = readObject(
      dicomFile([
        text(0x0028, 0x0008, 'IS', '2'),
        uint16(0x0028, 0x0010, 1),
        uint16(0x0028, 0x0011, 1),
        sequence(0x5200, 0x9229, [
          item([
            sequence(0x0020, 0x9116, [item([text(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0')])]),
            sequence(0x0028, 0x9110, [item([text(0x0028, 0x0030, 'DS', '2\\3')])]),
          ]),
        ]),
        sequence(0x5200, 0x9230, [frame(5), frame(0)]),
        floats(0x7fe0, 0x0008, [7, 8]),
      ]),
    );
    if (content.kind !== 'map') throw new Error(`it was read as a ${content.kind}`);
    expect(content.frames.map(({ values }) => [...values])).toEqual([[8], [7]]);
    expect(buffersOf(content)).toEqual([content.frames[0]?.values.buffer]);
  });

  it('is left as it is where only a decoder can read it', () => {
    const file = dicomFile([text(0x0008, 0x0018, 'UI', '1.2')]);
    const content = readObject(file);
    expect(content).toEqual({ kind: 'file', file });
    expect(buffersOf(content)).toEqual([file]);
  });

  it('is refused where its values would be shown wrongly', () => {
    expect(() => readObject(slice(sequence(0x0028, 0x3000, [])))).toThrow('Modality LUT Sequence');
  });
});
