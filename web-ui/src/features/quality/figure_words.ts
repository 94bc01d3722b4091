/** How figures are written; pure. */
import type { Measured } from '../../api/types';

/** What a cell of a figure says. */
export type Shown =
  | { kind: 'too-few' }
  | { kind: 'undefined' }
  | { kind: 'value'; value: number; interval: [number, number] | null };

/** A value of a group; small groups show none, whatever the answer holds. */
export function shownOf(measured: Measured | null, count: number, minimum: number): Shown {
  if (count < minimum) return { kind: 'too-few' };
  if (!measured) return { kind: 'undefined' };
  const { value, low, high } = measured;
  return { kind: 'value', value, interval: low === null || high === null ? null : [low, high] };
}

/** A share in percent. */
export function percent(share: number, language: string): string {
  return new Intl.NumberFormat(language, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  }).format(share);
}

/** A coefficient to two places. */
export function coefficient(value: number, language: string): string {
  const format = { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: 'negative' };
  return new Intl.NumberFormat(language, format as Intl.NumberFormatOptions)
    .format(value)
    .replace('-', '−');
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A length of time in its two largest units ("3 hr 12 min"). */
export function duration(seconds: number, language: string): string {
  let left = Math.round(seconds);
  const first = UNITS.findIndex(([, length]) => left >= length);
  const start = first < 0 ? UNITS.length - 1 : first;
  return UNITS.slice(start, start + 2)
    .flatMap(([unit, length], place) => {
      const whole = Math.floor(left / length);
      left -= whole * length;
      if (place > 0 && whole === 0) return [];
      return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(
        whole,
      );
    })
    .join(' ');
}
