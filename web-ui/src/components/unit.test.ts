import { describe, expect, it } from 'vitest';
import { writtenUnit } from './unit';

describe('units', () => {
  it('are written as people know them, not as codes', () => {
    expect(writtenUnit("hnsf'U")).toBe('HU');
    expect(writtenUnit("[hnsf'U]")).toBe('HU');
  });
  it('that have no other name are written as their code', () => {
    expect(writtenUnit('mm')).toBe('mm');
  });
});
