/** Times as people say them, the exact one on hover. */
import { useTranslation } from 'react-i18next';

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 hours ago" in a language. */
export function relativeTime(when: Date, now: Date, language: string): string {
  const seconds = (when.getTime() - now.getTime()) / 1000;
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const [unit, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1];
  return format.format(Math.round(seconds / length), unit);
}

export function Time({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const when = new Date(at);
  const exact = when.toLocaleString(i18n.language, { dateStyle: 'medium', timeStyle: 'long' });
  return (
    <time dateTime={at} title={exact}>
      {relativeTime(when, new Date(), i18n.language)}
    </time>
  );
}

/** A DICOM date (YYYYMMDD) in the order of ISO 8601; anything else as it stands. */
export function dicomDate(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
}
