/** Numbers of entries as a person types them: `7, 12-15`. */

const MOST = 1000;
const RANGE = /^(\d{1,15})(?:\s*[-–]\s*(\d{1,15}))?$/;

/** The numbers, ascending and each once; null where the text is none or names too many. */
export function entryNumbers(text: string): number[] | null {
  const numbers = new Set<number>();
  for (const part of text.split(/[,、;\n]/).map((part) => part.trim())) {
    if (!part) continue;
    const [, first, last = first] = RANGE.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return null;
    if (Number(last) - Number(first) >= MOST) return null;
    for (let at = Number(first); at <= Number(last); at += 1) numbers.add(at);
  }
  return numbers.size > 0 && numbers.size <= MOST ? [...numbers].sort((a, b) => a - b) : null;
}
