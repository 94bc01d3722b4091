import { describe, expect, it } from 'vitest';
import { entryNumbers } from './entry_numbers';

describe('numbers of entries', () => {
  it('are taken one by one and in ranges, each once', () => {
    expect(entryNumbers('7')).toEqual([7]);
    expect(entryNumbers('12-15, 7 , 13')).toEqual([7, 12, 13, 14, 15]);
    expect(entryNumbers('3 – 4')).toEqual([3, 4]);
  });
  it.each(['', 'x', '7-', '9-7', '1-2000', '-1', '1.5'])('“%s” is none', (text) => {
    expect(entryNumbers(text)).toBeNull();
  });
});
