/** Numbers of the console as they are read: few digits, shares as per cent. */

export function inNumbers(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en');
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toFixed(Math.abs(value) < 1 ? 3 : 1);
}

export function inPerCent(share: number): string {
  const perCent = share * 100;
  return `${perCent < 1 ? perCent.toFixed(1) : Number(perCent.toFixed(1))} %`;
}

/** A list that a person typed, parts separated by commas. */
export function typedList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** A number that a person typed, or nothing. */
export function typedNumber(text: string): number | null {
  const value = Number(text.trim());
  return text.trim() === '' || Number.isNaN(value) ? null : value;
}
