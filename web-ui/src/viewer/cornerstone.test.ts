import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dropImages, forgetImages, handOver, readSlice } from './cornerstone';
import type { LoadedObject } from './load_objects';
import type { ObjectContent } from './read_object';

interface Drawable {
  getPixelData: () => unknown;
}

/** What Cornerstone has been given and not yet asked to forget, by its name. */
const given = vi.hoisted(() => new Map<string, unknown>());
vi.mock('@cornerstonejs/core', () => ({
  Enums: { MetadataModules: {} },
  metaData: {},
  imageLoader: {},
  cache: {
    getImageLoadObject: (name: string) => given.get(name),
    removeImageLoadObject: (name: string) => given.delete(name),
    purgeCache: () => given.clear(),
    putImageSync: (name: string, image: unknown) => given.set(name, image),
  },
  utilities: {
    genericMetadataProvider: { add: () => undefined, clear: () => undefined },
    VoxelManager: {
      createImageVoxelManager: ({ scalarData }: { scalarData: unknown }) => ({
        getScalarData: () => scalarData,
      }),
    },
  },
}));
vi.mock('@cornerstonejs/dicom-image-loader', () => ({
  wadouri: { dataSetCacheManager: { purge: () => undefined } },
}));
vi.mock('@cornerstonejs/metadata', () => ({ utilities: { clearCacheData: () => undefined } }));
vi.mock('./engines', () => ({ startCornerstone: () => undefined }));

const sliceContent = (sopInstanceUid: string): ObjectContent => ({
  kind: 'slice',
  header: {
    sopInstanceUid,
    plane: { origin: [0, 0, 0], row: [1, 0, 0], column: [0, 1, 0] },
  } as never,
  values: Int16Array.of(1, -5, 2),
  excluded: null,
});
const arrived = (sopInstanceUid: string, content = sliceContent(sopInstanceUid)): LoadedObject => ({
  role: 'SOURCE',
  seriesInstanceUid: '1',
  sopInstanceUid,
  digest: '',
  content,
});
const nameOf = (sopInstanceUid: string) => readSlice(arrived(sopInstanceUid))?.imageId ?? '';

describe('received images', () => {
  beforeEach(() => {
    forgetImages();
    given.clear();
  });

  it('are given to Cornerstone when they are about to be drawn, with the values that were read', () => {
    const slice = readSlice(arrived('1.1'));
    expect(given.size).toBe(0);
    handOver(slice?.imageId ?? '');
    handOver(slice?.imageId ?? '');
    const [image] = given.values() as Iterable<Drawable>;
    expect(image?.getPixelData()).toBe(slice?.values);
    expect(image).toMatchObject({ minPixelValue: -5, maxPixelValue: 2, color: false });
  });

  it('are given anew where Cornerstone made room for others meanwhile', () => {
    const name = nameOf('1.1');
    handOver(name);
    given.clear();
    handOver(name);
    expect([...given.keys()]).toEqual([name]);
  });

  it('can no longer be drawn once their case is left, and no name comes again', () => {
    const left = nameOf('1.1');
    handOver(left);
    forgetImages();
    handOver(left);
    expect(given.size).toBe(0);
    expect(nameOf('1.1')).not.toBe(left);
  });

  it('can no longer be drawn once they are given back', () => {
    const name = nameOf('1.1');
    handOver(name);
    dropImages([name]);
    handOver(name);
    expect(given.size).toBe(0);
  });

  it('are refused where another one came, or no image at all', () => {
    expect(() => readSlice(arrived('1.1', sliceContent('1.2')))).toThrow('not the image that was');
    expect(() => readSlice(arrived('1.1', { kind: 'map', frames: [] }))).toThrow('a map came');
    const file = new ArrayBuffer(0);
    expect(readSlice(arrived('1.1', { kind: 'file', file }))).toBeNull();
  });
});
