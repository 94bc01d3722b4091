/** Times as people say them, the exact one on hover. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

const TICK_MS = 10_000;
const HOUR_MS = 3_600_000;
const listeners = new Set<() => void>();
let tick = 0;
let timer: ReturnType<typeof setInterval> | null = null;

/** One clock for all times on the page, running while there are any. */
function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    tick += 1;
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || !timer) return;
    clearInterval(timer);
    timer = null;
  };
}

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

/** A time in words that move on with the clock, and exactly. */
export function useRelativeTime(at: string): { relative: string; exact: string } {
  const { i18n } = useTranslation();
  useSyncExternalStore(listen, () => tick);
  const when = new Date(at);
  return {
    relative: relativeTime(when, new Date(), i18n.language),
    exact: when.toLocaleString(i18n.language, { dateStyle: 'medium', timeStyle: 'long' }),
  };
}

export function Time({ at }: { at: string }) {
  const { relative, exact } = useRelativeTime(at);
  return (
    <time dateTime={at} title={exact}>
      {relative}
    </time>
  );
}

/** The exact time, for histories in which the order of seconds matters; the relative one on hover. */
export function ExactTime({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const when = new Date(at);
  return (
    <time dateTime={at} title={relativeTime(when, new Date(), i18n.language)}>
      {exactTime(when)}
    </time>
  );
}

/** Local date and time in the order of ISO 8601, to the second. */
export function exactTime(when: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const time = `${two(when.getHours())}:${two(when.getMinutes())}:${two(when.getSeconds())}`;
  return `${date} ${time}${comesTwice(when) ? ` ${offsetOf(when)}` : ''}`;
}

/** Date and time in UTC, to the second: as signatures state it. */
export function utcTime(at: string | Date): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** Whether the clock shows this time twice, because it is turned back that night. */
function comesTwice(when: Date): boolean {
  const moved = (hours: number) => new Date(when.getTime() + hours * HOUR_MS);
  const shows = (other: Date) =>
    other.getHours() === when.getHours() && other.getDate() === when.getDate();
  return shows(moved(1)) || shows(moved(-1));
}

/** "+02:00" */
function offsetOf(when: Date): string {
  const minutes = -when.getTimezoneOffset();
  const two = (value: number) => String(Math.trunc(Math.abs(value))).padStart(2, '0');
  return `${minutes < 0 ? '−' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A DICOM date (YYYYMMDD) in the order of ISO 8601; anything else as it stands. */
export function dicomDate(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
}

/** "14:05" */
export const minutesAndSeconds = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

const secondsUntil = (time: string) =>
  Math.max(0, Math.ceil((new Date(time).getTime() - Date.now()) / 1000));

/** Seconds until a time, counted down; 0 once it has passed. */
export function useSecondsUntil(time: string): number {
  const [seconds, setSeconds] = useState(() => secondsUntil(time));
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsUntil(time)), 1000);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}
