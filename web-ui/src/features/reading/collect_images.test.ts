import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LoadedObject, ObjectRole } from '../../viewer/load_objects';
import type { Slice } from '../../viewer/stack';
import { Collector, type Stacks } from './collect_images';

const decoders = vi.hoisted(() => ({ readSlice: vi.fn(), decodeSlice: vi.fn() }));
vi.mock('../../viewer/cornerstone', () => decoders);

const sliceAt = (object: LoadedObject): Slice => ({
  plane: {
    origin: [0, 0, Number(object.sopInstanceUid.split('.')[1])],
    row: [1, 0, 0],
    column: [0, 1, 0],
    rows: 1,
    columns: 1,
    rowSpacingMm: 1,
    columnSpacingMm: 1,
  },
  values: Int16Array.of(0),
  excluded: null,
  imageId: object.sopInstanceUid,
  header: { sopInstanceUid: object.sopInstanceUid } as never,
});
const objects = (role: ObjectRole, prefix: number, order: readonly number[]): LoadedObject[] =>
  order.map((place) => ({
    role,
    seriesInstanceUid: `${prefix}`,
    sopInstanceUid: `${prefix}.${place}`,
    content: { kind: 'file', file: new ArrayBuffer(0) },
    digest: '',
  }));

describe('images that arrive', () => {
  let told: Partial<Stacks>[];
  const source = objects('SOURCE', 1, [1, 0, 2]);
  const image = objects('IMAGE', 2, [1, 0, 2]);
  const collector = () => new Collector([...source, ...image], (stacks) => told.push(stacks));
  /** Makes the frame that was asked for. */
  let frame: () => void;
  const giveFrames = (give: (made: () => void) => void) =>
    vi.stubGlobal('requestAnimationFrame', (made: () => void) => give(made));
  beforeEach(() => {
    told = [];
    decoders.readSlice.mockReset().mockImplementation(sliceAt);
    giveFrames((made) => setTimeout(made));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('become stacks however late each of them comes', async () => {
    const collecting = collector();
    for (const object of [...source, ...image]) {
      collecting.take(object);
      await collecting.done();
    }
    const stacks = Object.assign({}, ...told) as Stacks;
    expect(stacks.original?.positionsMm).toEqual([0, 1, 2]);
    expect(stacks.ai?.positionsMm).toEqual([0, 1, 2]);
  });

  it('stand for the whole by the middle slice alone, whichever comes first', async () => {
    const collecting = collector();
    for (const object of [source[2], source[0]]) collecting.take(object as LoadedObject);
    await collecting.done();
    expect(told.map(({ preview }) => preview?.original?.positionsMm)).toEqual([[1]]);
    expect(told.some(({ original }) => original)).toBe(false);
  });

  it('are shown from the middle slice on before any other is taken', async () => {
    const asked = new Promise<void>((resolve) => {
      giveFrames((made) => {
        frame = made;
        resolve();
      });
    });
    const collecting = collector();
    for (const object of source) collecting.take(object);
    await asked;
    expect(told.map(({ preview }) => preview?.original?.positionsMm)).toEqual([[1]]);
    expect(decoders.readSlice).toHaveBeenCalledTimes(1);
    frame();
    await collecting.done();
    expect(decoders.readSlice).toHaveBeenCalledTimes(3);
  });

  it('are decoded also where the page is hidden and makes no frames', async () => {
    giveFrames(() => undefined);
    const collecting = collector();
    for (const object of source) collecting.take(object);
    await collecting.done();
    expect(told.at(-1)?.original?.positionsMm).toEqual([0, 1, 2]);
  });

  it('are left to the decoders where they are compressed, and a failure of one is told', async () => {
    decoders.readSlice.mockReturnValue(null);
    decoders.decodeSlice.mockImplementation(async (object: LoadedObject) => sliceAt(object));
    const good = collector();
    for (const object of source) good.take(object);
    await good.done();
    expect(told.at(-1)?.original?.positionsMm).toEqual([0, 1, 2]);
    decoders.decodeSlice.mockRejectedValue(new Error('no such codec'));
    const bad = collector();
    for (const object of source) bad.take(object);
    await expect(bad.done()).rejects.toThrow('no such codec');
  });

  it('are told as unreadable when the bytes are', async () => {
    decoders.readSlice.mockImplementation(() => {
      throw new Error('a colour image is not read as a grey one');
    });
    const collecting = collector();
    for (const object of source) collecting.take(object);
    await expect(collecting.done()).rejects.toThrow('colour');
  });
});
