/** Amounts as they are read: two decimals below a thousand, none above; thousands apart. */

export function inMoney(amount: number): string {
  const digits = Math.abs(amount) < 1000 ? 2 : 0;
  const written = Math.abs(amount).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const isNothing = Number(written.replaceAll(',', '')) === 0;
  return amount < 0 && !isNothing ? `\u2212${written}` : written;
}

/** What is there but too little to write says so: “0 months” at a price would cost nothing. */
export function inQuantity(value: number): string {
  if (value > 0 && value < 0.01) return '< 0.01';
  return value.toLocaleString('en', {
    maximumFractionDigits: Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 2,
  });
}

/** Places on a line of `width` for amounts, nothing among them; each bar at least a pixel wide. */
export function placesOn(width: number, rows: readonly { atLow: number; atHigh: number }[]) {
  const ends = rows.flatMap(({ atLow, atHigh }) => [atLow, atHigh]);
  const least = Math.min(0, ...ends);
  const most = Math.max(0, ...ends);
  const x = (amount: number) => ((amount - least) / (most - least || 1)) * width;
  return {
    zero: x(0),
    bars: rows.map(({ atLow, atHigh }) => {
      const left = x(Math.min(atLow, atHigh));
      return { left, width: Math.max(1, x(Math.max(atLow, atHigh)) - left) };
    }),
  };
}

/** Which version is in force, who put it there, and why. */
export const changeWords = (
  version: string,
  { changedBy, reason }: { changedBy: string | null; reason: string },
): string => [version, changedBy, reason].filter(Boolean).join(' · ');
