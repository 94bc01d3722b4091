/** What readers of a comparison found wrong, by kind and model, and the pairs behind each number; pure. */
import type { ErrorKind, ReadPair, SideErrors } from '../../api/comparison_documents';
import { COUNT_OF } from '../compare/answer';

export type Contender = 'champion' | 'challenger';

export interface ErrorsOf {
  contender: Contender;
  kind: ErrorKind;
}

const numberOf = (sides: readonly SideErrors[], kind: ErrorKind) =>
  sides.reduce((sum, side) => sum + side[COUNT_OF[kind]], 0);

/** How many errors of a kind readers counted on a model's images. */
export function countErrors(read: readonly ReadPair[], { contender, kind }: ErrorsOf): number {
  return read.reduce((sum, { errors }) => sum + numberOf(errors?.[contender] ?? [], kind), 0);
}

/** The pairs behind such a number. */
export function pairsWith(read: readonly ReadPair[], { contender, kind }: ErrorsOf): ReadPair[] {
  return read.filter(({ errors }) => numberOf(errors?.[contender] ?? [], kind) > 0);
}
