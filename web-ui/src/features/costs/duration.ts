/** How long a deployment was there, in words that are never longer than it was. */

/** Minutes below an hour, hours below two days, then whole days. */
export function inDuration(hours: number, language: string): string {
  const [value, unit] =
    hours < 1
      ? [hours * 60, 'minute']
      : hours < 48
        ? [hours, 'hour']
        : ([hours / 24, 'day'] as const);
  const whole = Math.floor(value + 1e-6);
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(
    whole,
  );
}
