/** Opens a case: takes or renews the lease where the case is free, else shows what may be shown. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ask } from '../../api/client';
import { keepCaseMutation, openCaseMutation, readingCaseQuery } from '../../api/documents';
import type { Availability, ReadingCase, Refusal } from '../../api/types';
import type { WorklistRow } from '../../api/worklist_documents';

const RENEW_EVERY_MS = 60_000;

export type OpenedCase =
  | { kind: 'open'; readingCase: ReadingCase }
  | { kind: 'signed'; readingCase: ReadingCase }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unknown' };

/** Why the case isn't opened as it stands; null where it may be. */
async function standing(caseId: string): Promise<OpenedCase | null> {
  const known = (await ask(readingCaseQuery, { id: caseId })).case;
  if (!known) return { kind: 'unknown' };
  return known.myRead ? { kind: 'signed', readingCase: known } : null;
}

/**
 * Opens a case. What the worklist calls free or mine is opened without asking first: the reader waits for one answer
 * and not for two. Every other is asked about first, because a refusal would be recorded.
 */
export async function openCase(
  caseId: string,
  listedAs: Availability | undefined,
): Promise<OpenedCase> {
  const isListed = listedAs === 'AVAILABLE' || listedAs === 'MINE';
  if (!isListed) {
    const found = await standing(caseId);
    if (found) return found;
  }
  const { case: opened, refusal } = (await ask(openCaseMutation, { input: { caseId } })).openCase;
  if (opened && !refusal) return { kind: 'open', readingCase: opened };
  // The list may be older than the reader's own signature.
  const found = isListed ? await standing(caseId) : null;
  if (found) return found;
  return refusal ? { kind: 'refused', refusal } : { kind: 'unknown' };
}

export function useOpenCase(caseId: string) {
  const queries = useQueryClient();
  const listed = () =>
    queries
      .getQueriesData<{ worklist: { nodes: WorklistRow[] } }>({ queryKey: ['worklist'] })
      .flatMap(([, data]) => data?.worklist.nodes ?? [])
      .find(({ id }) => id === caseId);
  return useQuery({
    queryKey: ['open-case', caseId],
    queryFn: () => openCase(caseId, listed()?.availability),
    // The room holds its own state from here on; asking again would open the case again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** Renews the lease while somebody is really reading: only after input since the last renewal. */
export function useLeaseRenewal(
  caseId: string,
  held: boolean,
  onLost: (refusal: Refusal) => void,
): void {
  useEffect(() => {
    if (!held) return;
    let active = false;
    const note = () => {
      active = true;
    };
    const events = ['pointerdown', 'wheel', 'keydown'] as const;
    for (const name of events) window.addEventListener(name, note, { passive: true });
    const timer = setInterval(() => {
      if (!active) return;
      active = false;
      ask(keepCaseMutation, { input: { caseId } }).then(
        ({ openCase: { refusal } }) => refusal && onLost(refusal),
        // Unreachable for a moment: the lease outlives several missed renewals.
        () => undefined,
      );
    }, RENEW_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const name of events) window.removeEventListener(name, note);
    };
  }, [caseId, held, onLost]);
}
