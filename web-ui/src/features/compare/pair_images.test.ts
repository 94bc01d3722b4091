import { describe, expect, it } from 'vitest';
import { sideObjects } from './use_pair_images';

describe('the images of a pair', () => {
  const images = {
    a: [0, 1].map((slice) => ({ sopInstanceUid: `2.25.1${slice}`, slice })),
    b: [0, 1].map((slice) => ({ sopInstanceUid: `2.25.2${slice}`, slice })),
  };

  it('are asked for by pair, side and slice, in turns', () => {
    const wanted = sideObjects({ id: 'pair_x', images });
    expect(wanted.map(({ address }) => address)).toEqual([
      '/pairs/pair_x/a/0',
      '/pairs/pair_x/b/0',
      '/pairs/pair_x/a/1',
      '/pairs/pair_x/b/1',
    ]);
  });

  it('are none before the pair is held', () => {
    expect(sideObjects({ id: 'pair_x', images: null })).toEqual([]);
  });
});
