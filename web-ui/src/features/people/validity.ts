/** How a credential stands; pure. */
import type { Credential } from '../../api/oversight_types';

export type Validity = 'valid' | 'endsSoon' | 'ended' | 'revoked' | 'notYet';

/** In this time somebody should think of a new one. */
const SOON_MS = 30 * 86_400_000;

type Dated = Pick<Credential, 'validFrom' | 'validUntil' | 'revokedAt'>;

export function validityOf({ validFrom, validUntil, revokedAt }: Dated, now: Date): Validity {
  if (revokedAt) return 'revoked';
  const left = new Date(validUntil).getTime() - now.getTime();
  if (left <= 0) return 'ended';
  if (new Date(validFrom).getTime() > now.getTime()) return 'notYet';
  return left <= SOON_MS ? 'endsSoon' : 'valid';
}

/** The last moment of a day, as this place counts days. */
export function endOfDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + 1, 0, 0, -1).toISOString();
}

/** The day a year from now, as a date field has it. */
export function inAYear(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear() + 1}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
