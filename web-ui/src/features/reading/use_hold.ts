/** The reader's hold of a case, and the draft that is saved under it. */
import { useCallback, useState } from 'react';
import type { ReadingCase, Refusal } from '../../api/types';
import type { ReadContent } from './read_content';
import { useDraft } from './use_draft';
import { useEndedHold } from './use_ended_hold';
import { useLeaseRenewal } from './use_open_case';

/** Keeps the hold and the draft until the read is signed (`readOnly`), or until either is refused. */
export function useHold(readingCase: ReadingCase, content: ReadContent, readOnly: boolean) {
  const [lost, setLost] = useState<Refusal | null>(null);
  const endedHold = useEndedHold(readingCase.id, !readOnly);
  const onLost = useCallback((refusal: Refusal) => setLost(refusal), []);
  const mayHold = !readOnly && !lost && !endedHold;
  useLeaseRenewal(readingCase.id, mayHold, onLost);
  const draft = useDraft(readingCase.id, readingCase.draft, content, mayHold);
  const refusal = lost ?? draft.refusal;
  return {
    draft,
    endedHold,
    /** What the server said to the last save or renewal. */
    refusal,
    held: mayHold && !refusal,
  };
}
