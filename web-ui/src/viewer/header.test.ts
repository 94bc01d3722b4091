import { describe, expect, it } from 'vitest';
import { readSliceHeader } from './header';
import { inUnit } from './native';
import { dicomFile, double, type Element, item, sequence, text, uint16 } from './part10_for_tests';
import { excludedPixels } from './stack';
import { windowOfData } from './window';

/** A slice with more elements, by group and number so that they come in the order of their tags. */
function slice(modality: string, more: readonly [number, Element][]): ArrayBuffer {
  const plain: [number, Element][] = [
    [0x0008_0018, text(0x0008, 0x0018, 'UI', '1.2.3')],
    [0x0008_0060, text(0x0008, 0x0060, 'CS', modality)],
    [0x0020_0032, text(0x0020, 0x0032, 'DS', '-10\\-20\\5')],
    [0x0020_0037, text(0x0020, 0x0037, 'DS', '1\\0\\0\\0\\1\\0')],
    [0x0028_0010, uint16(0x0028, 0x0010, 2)],
    [0x0028_0011, uint16(0x0028, 0x0011, 4)],
    [0x0028_0030, text(0x0028, 0x0030, 'DS', '0.5\\0.75')],
  ];
  return dicomFile([...plain, ...more].sort(([a], [b]) => a - b).map(([, element]) => element));
}
const slope = (value: string): [number, Element] => [
  0x0028_1053,
  text(0x0028, 0x1053, 'DS', value),
];
const intercept = (value: string): [number, Element] => [
  0x0028_1052,
  text(0x0028, 0x1052, 'DS', value),
];
const windowed = (centre: string, width: string): [number, Element][] => [
  [0x0028_1050, text(0x0028, 0x1050, 'DS', centre)],
  [0x0028_1051, text(0x0028, 0x1051, 'DS', width)],
];
const petUnits = (units: string): [number, Element] => [
  0x0054_1001,
  text(0x0054, 0x1001, 'CS', units),
];

describe('what a file says of its values', () => {
  it.each([
    ['absent', [], { slope: 1, intercept: 0 }],
    ['empty', [slope(''), intercept('')], { slope: 1, intercept: 0 }],
    ['only an intercept', [intercept('-5')], { slope: 1, intercept: -5 }],
  ] as const)('r29_shows_mr_whose_rescale_values_are_%s', (_, more, rescale) => {
    const header = readSliceHeader(slice('MR', [...more, ...windowed('', '')]));
    expect(header.rescale).toEqual(rescale);
    expect(header.unit).toBe('a.u.');
    expect(header.window).toBeNull();
    const { centre, width } = windowOfData(
      Float32Array.from({ length: 500 }, (_v, n) => n),
      null,
    );
    expect([centre, width]).toEqual([250, 490]);
  });

  it('keeps small slopes as they are, and refuses one of 0', () => {
    for (const value of ['0.01', '0.5', '1.03e-8', '-1']) {
      expect(readSliceHeader(slice('MR', [slope(value)])).rescale.slope).toBe(Number(value));
    }
    expect(() => readSliceHeader(slice('MR', [slope('0')]))).toThrow('slope of 0');
  });

  it.each([
    ['BQML', 'Bq/mL'],
    ['PROPCPS', 'prop. counts/s'],
    ['CNTS', 'counts'],
    ['GML', 'g/mL'],
    ['', 'a.u.'],
  ])('r26_shows_pet_in_the_unit_that_is_stored_%s', (stored, written) => {
    const { unit } = readSliceHeader(slice('PT', [petUnits(stored)]));
    expect(unit).toBe(written);
    expect(unit).not.toMatch(/SUV/i);
  });

  it.each(['START', 'ADMIN', 'NONE', ''])(
    'r08_makes_no_uptake_of_pet_whatever_its_decay_correction_says_%s',
    (correction) => {
      const pet = slice('PT', [
        petUnits('BQML'),
        slope('1.5'),
        [0x0010_1030, text(0x0010, 0x1030, 'DS', '70')],
        [0x0054_1102, text(0x0054, 0x1102, 'CS', correction)],
      ]);
      const { unit, rescale } = readSliceHeader(pet);
      expect([unit, rescale]).toEqual(['Bq/mL', { slope: 1.5, intercept: 0 }]);
    },
  );

  it('r37_keeps_window_and_values_of_pet_in_one_unit', () => {
    const header = readSliceHeader(
      slice('PT', [petUnits('BQML'), slope('2.5'), ...windowed('8000', '16000')]),
    );
    // Values are stored × 2.5 in Bq/mL, and so is the window: neither is turned into anything else.
    expect([header.unit, header.rescale.slope, header.window]).toEqual([
      'Bq/mL',
      2.5,
      { centre: 8000, width: 16000 },
    ]);
  });

  it('r38_refuses_colour_where_grey_is_read', () => {
    const colour: [number, Element] = [0x0028_0002, uint16(0x0028, 0x0002, 3)];
    expect(() => readSliceHeader(slice('OT', [colour]))).toThrow(
      'colour image (3 samples per pixel)',
    );
  });

  it('r14_refuses_values_that_stand_in_a_table_by_the_name_of_the_table', () => {
    const table: [number, Element] = [0x0028_3000, sequence(0x0028, 0x3000, [item([])])];
    for (const modality of ['CR', 'DX', 'CT', 'MR']) {
      expect(() => readSliceHeader(slice(modality, [table]))).toThrow('Modality LUT Sequence');
      expect(() => readSliceHeader(slice(modality, [slope('2'), table]))).toThrow(
        'Modality LUT Sequence',
      );
    }
  });

  it.each(['4.2', '0.05', '1', '-2'])(
    'r18_windows_mr_and_its_copy_alike_whose_slope_is_%s',
    (stated) => {
      const original = readSliceHeader(slice('MR', [slope(stated), ...windowed('600', '900')]));
      const mapping = item([double(0x0040, 0x9224, 0), double(0x0040, 0x9225, Number(stated))]);
      const ours: [number, Element][] = [
        [0x0008_0070, text(0x0008, 0x0070, 'LO', 'Countersign')],
        ...windowed('600', '900'),
      ];
      if (stated !== '1') ours.push([0x0040_9096, sequence(0x0040, 0x9096, [mapping])]);
      const copy = readSliceHeader(slice('MR', ours));
      expect([copy.rescale, copy.window]).toEqual([original.rescale, original.window]);
      const stored = Uint16Array.from({ length: 1200 }, (_v, n) => n);
      const grey = ({ rescale, window }: typeof copy) => {
        if (!window) throw new Error('a window is stated');
        const low = window.centre - window.width / 2;
        const greys = Array.from(inUnit(stored, rescale), (value) =>
          Math.min(255, Math.max(0, ((value - low) / window.width) * 255)),
        );
        return greys.reduce((sum, value) => sum + value, 0) / greys.length;
      };
      expect(Math.abs(grey(copy) - grey(original))).toBeLessThan(2);
      // 600 of the stored values is the middle of the window, whatever the slope.
      const { slope: step } = original.rescale;
      expect(original.window?.centre).toBeCloseTo(600 * step, 6);
      // Nothing is subtracted from what is in another unit.
      expect(inUnit(stored, copy.rescale)).toEqual(inUnit(stored, original.rescale));
    },
  );

  it('r18_leaves_the_window_of_ct_in_the_unit_of_its_values', () => {
    const header = readSliceHeader(
      slice('CT', [slope('2'), intercept('-1024'), ...windowed('40', '400')]),
    );
    expect(header.window).toEqual({ centre: 40, width: 400 });
  });

  it('r18_takes_no_mapping_of_another_maker_for_the_values_that_the_model_saw', () => {
    const mapping = item([double(0x0040, 0x9224, 0), double(0x0040, 0x9225, 3)]);
    const theirs: [number, Element][] = [
      [0x0008_0070, text(0x0008, 0x0070, 'LO', 'ACME')],
      [0x0040_9096, sequence(0x0040, 0x9096, [mapping])],
    ];
    expect(readSliceHeader(slice('MR', theirs)).rescale).toEqual({ slope: 1, intercept: 0 });
  });

  it('r36_takes_the_window_from_what_is_no_padding', () => {
    const padding: [number, Element][] = [
      [0x0028_0103, uint16(0x0028, 0x0103, 1)],
      [0x0028_0120, uint16(0x0028, 0x0120, 0xf830)],
    ];
    const header = readSliceHeader(slice('CT', padding));
    expect(header.padding).toEqual({ low: -2000, high: -2000 });
    const values = Float32Array.from({ length: 1000 }, (_v, n) => (n < 900 ? -2000 : n - 900));
    const { centre, width } = windowOfData(values, excludedPixels(values, header));
    expect(centre - width / 2).toBeGreaterThanOrEqual(0);
    expect(centre + width / 2).toBeLessThanOrEqual(99);
  });
});
