import { describe, expect, it } from 'vitest';
import { partsOf } from './sentence_parts';

describe('a sentence of the ledger', () => {
  it('is taken apart into words and ids', () => {
    const id = 'case_7cfli4aenybhuerqyxn2tzgxng';
    expect(partsOf(`rad1 opened ${id} for reading`)).toEqual([
      { kind: 'words', text: 'rad1 opened ' },
      { kind: 'id', id },
      { kind: 'words', text: ' for reading' },
    ]);
  });

  it('without ids stays one', () => {
    expect(partsOf('an operator at the machine')).toEqual([
      { kind: 'words', text: 'an operator at the machine' },
    ]);
  });
});
