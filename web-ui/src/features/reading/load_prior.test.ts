import { describe, expect, it } from 'vitest';
import { instancesOf } from './load_prior';

describe('the list of a prior', () => {
  it('gives its instances in the order in which they lie, and leaves out what has no UID', () => {
    const named = (uid: string) => ({ '00080018': { Value: [uid] } });
    expect(instancesOf([named('1.5'), { '00080018': {} }, {}, named('1.4')])).toEqual([
      { sopInstanceUid: '1.5', slice: 0 },
      { sopInstanceUid: '1.4', slice: 1 },
    ]);
    expect(instancesOf([])).toEqual([]);
  });
});
