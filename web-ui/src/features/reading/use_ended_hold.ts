/** Learns, while somebody reads, that their hold ended without a read: on each word that the worklist changed. */
import { useEffect, useState } from 'react';
import { askInBackground } from '../../api/client';
import { holdQuery } from '../../api/documents';
import { onWorklistChanged } from '../../api/live';
import type { EndedHold } from '../../api/types';

export function useEndedHold(caseId: string, watching: boolean): EndedHold | null {
  const [ended, setEnded] = useState<EndedHold | null>(null);
  useEffect(() => {
    if (!watching) return;
    let left = false;
    const stop = onWorklistChanged(() => {
      askInBackground(holdQuery, { id: caseId }).then(
        (answer) => {
          if (!left) setEnded(answer.case?.endedHold ?? null);
        },
        // Unreachable for a moment: the next save or renewal tells as well.
        () => undefined,
      );
    });
    return () => {
      left = true;
      stop();
    };
  }, [caseId, watching]);
  return ended;
}
