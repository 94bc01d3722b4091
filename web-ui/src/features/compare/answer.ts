/** What is typed of a pair until it is signed; pure. */
import type {
  ErrorKind,
  ErrorMark,
  PairAnswer,
  Preference,
  SideErrors,
} from '../../api/comparison_documents';
import { ERROR_KINDS, PREFERENCES } from '../../api/comparison_documents';

export const NO_ERRORS: SideErrors = {
  invented: 0,
  lost: 0,
  distorted: 0,
  worst: null,
  marks: [],
};

export type TypedAnswer = Omit<PairAnswer, 'preference'> & { preference: Preference | null };

export const NOTHING_TYPED: TypedAnswer = { preference: null, a: NO_ERRORS, b: NO_ERRORS };

/** Under which name errors of a kind are counted. */
export const COUNT_OF = {
  INVENTED: 'invented',
  LOST: 'lost',
  DISTORTED: 'distorted',
} as const satisfies Record<ErrorKind, keyof SideErrors>;

/** The preference of a key, 1 to 5 from much rather A to much rather B. */
export function preferenceOf(key: string): Preference | null {
  return /^[1-5]$/.test(key) ? (PREFERENCES[Number(key) - 1] ?? null) : null;
}

export const markedOf = ({ marks }: SideErrors, kind: ErrorKind): number =>
  marks.filter((mark) => mark.kind === kind).length;

/** A side with other counts: never fewer than are marked, and where nothing is wrong, nothing is worst. */
export function changed(errors: SideErrors, part: Partial<SideErrors>): SideErrors {
  const next = { ...errors, ...part };
  for (const kind of ERROR_KINDS) {
    const name = COUNT_OF[kind];
    next[name] = Math.max(next[name], markedOf(next, kind));
  }
  const count = next.invented + next.lost + next.distorted;
  if (count === 0) return { ...next, worst: null };
  return { ...next, worst: next.worst ?? 'MINOR' };
}

/** A side with one more mark; it is counted where the marks were all that was counted. */
export const marked = (errors: SideErrors, mark: ErrorMark): SideErrors =>
  changed(errors, { marks: [...errors.marks, mark] });

/** A side without one of its marks; what was counted because of it is not any more. */
export function unmarked(errors: SideErrors, index: number): SideErrors {
  const mark = errors.marks[index];
  if (!mark) return errors;
  const name = COUNT_OF[mark.kind];
  const counted = errors[name] === markedOf(errors, mark.kind) ? errors[name] - 1 : errors[name];
  const marks = errors.marks.filter((_, at) => at !== index);
  return changed(errors, { marks, [name]: counted });
}

/** The answer, once it can be signed. */
export function complete({ preference, a, b }: TypedAnswer): PairAnswer | null {
  return preference ? { preference, a, b } : null;
}
