/** Why a read can't be signed yet: the one thing to do next; pure. */
import type { ReadContent } from './read_content';

export type SigningWaits =
  | 'lost'
  | 'loading'
  | 'differs'
  | 'compare'
  | 'keys'
  | 'verdict'
  | 'unseen'
  | 'limitation'
  | 'grave';

export interface SigningState {
  /** Whether the reader still holds the case. */
  held: boolean;
  /** Whether every object has arrived. */
  complete: boolean;
  /** Whether what arrived is what the server would have signed. */
  matches: boolean;
  /** Whether the AI image has been shown. */
  compared: boolean;
  /** False for the first moments, in which keys meant for the last case must not count. */
  awake: boolean;
  /** Slices of flagged regions that were never shown with every pixel. */
  unseenSlices: number;
  content: ReadContent;
}

/** What signing waits for, the first thing first; null when it waits for nothing. */
export function signingWaits(state: SigningState): SigningWaits | null {
  const { verdict, comment, findings } = state.content;
  const grave = findings.some(({ severity }) => severity !== 'MINOR');
  if (!state.held) return 'lost';
  if (!state.complete) return 'loading';
  if (!state.matches) return 'differs';
  if (!state.compared) return 'compare';
  if (!state.awake) return 'keys';
  if (verdict === null) return 'verdict';
  // Who can't judge need not have seen everything.
  if (verdict !== 'CANNOT_JUDGE' && state.unseenSlices > 0) return 'unseen';
  if (verdict === 'ACCEPT_WITH_LIMITATION' && comment.trim() === '') return 'limitation';
  if (verdict === 'ACCEPT' && grave) return 'grave';
  return null;
}
