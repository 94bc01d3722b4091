/** Numbers as they stand on a pane. */
import type { Measure, Statistics } from '../../viewer/measure';
import { lengthOf } from '../../viewer/measure';

/** With a true minus, never "−0"; a dash for what is not known. */
export function figure(value: number | null, digits = 0): string {
  if (value === null) return '–';
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace('-', '') : text).replace('-', '−');
}

/** With its sign, as a change is written. */
export const signed = (value: number, digits = 0): string =>
  `${Number(value.toFixed(digits)) > 0 ? '+' : ''}${figure(value, digits)}`;

/** The lines beside a measure: a length, or what lies in an ellipse in the pane's unit. */
export function measureWords(
  measure: Measure,
  statistics: Statistics | null,
  unit: string,
  words: { mean: string; deviation: string; nothing: string },
): string[] {
  if (measure.kind === 'ruler') return [`${figure(lengthOf(measure), 1)} mm`];
  if (!statistics) return [words.nothing];
  const { mean, deviation, lowest, highest, areaMm2 } = statistics;
  return [
    `${words.mean} ${figure(mean, 1)} ${unit} · ${words.deviation} ${figure(deviation, 1)}`,
    `${figure(lowest)} … ${figure(highest)} ${unit}`,
    `${figure(areaMm2)} mm²`,
  ];
}
