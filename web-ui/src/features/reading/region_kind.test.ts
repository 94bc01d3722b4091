import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { Region, RegionKind } from '../../api/types';
import { en } from '../../i18n/en';
import { ja } from '../../i18n/ja';
import { KIND_LETTER, markOfRegion } from './region_kind';

const textOf = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const KINDS = Object.keys(KIND_LETTER) as RegionKind[];
const region = (kind: RegionKind): Region => ({
  index: 3,
  kind,
  centreMm: [1, 2, 3],
  diameterMm: 6,
  halfWidthMax: 40,
  firstSlice: 4,
  lastSlice: 6,
});

describe('the kinds of regions', () => {
  it('are those of the gateway, in its order', () => {
    const type = buildSchema(textOf('../../../../gateway/schema.graphql')).getType('RegionKind');
    const values = isEnumType(type) ? type.getValues().map(({ name }) => name) : [];
    expect(KINDS).toEqual(values);
  });

  it('have words and letters of their own', () => {
    for (const words of [en.reading.regionKind, ja.reading.regionKind]) {
      expect(Object.keys(words)).toEqual(KINDS);
      expect(new Set(Object.values(words)).size).toBe(KINDS.length);
    }
    const labels = KINDS.map((kind) => markOfRegion(region(kind), false).label);
    expect(labels).toEqual(['4', '4S', '4D', '4T']);
  });

  it('have rings of dashes of their own, so that no colour has to tell them', () => {
    const style = textOf('../../viewer/pane.css');
    const dashes = KINDS.map((kind) => {
      const rule = new RegExp(
        `\\.mark-${kind.toLowerCase()} \\{[^}]*stroke-dasharray: ([\\d. ]+);`,
      );
      return rule.exec(style)?.[1];
    });
    expect(dashes).not.toContain(undefined);
    expect(new Set(dashes).size).toBe(KINDS.length);
  });

  it('are marked at the place and in the size of the region', () => {
    expect(markOfRegion(region('STRUCTURE'), true)).toMatchObject({
      kind: 'region',
      regionKind: 'STRUCTURE',
      centre: [1, 2, 3],
      diameterMm: 6,
      current: true,
    });
  });
});
