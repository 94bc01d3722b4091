/** Opens a case: takes or renews the lease where the case is free, else shows what may be shown. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ask } from '../../api/client';
import { keepCaseMutation, openCaseMutation, readingCaseQuery } from '../../api/documents';
import type { ReadingCase, Refusal } from '../../api/types';

const RENEW_EVERY_MS = 60_000;

export type OpenedCase =
  | { kind: 'open'; readingCase: ReadingCase }
  | { kind: 'signed'; readingCase: ReadingCase }
  | { kind: 'refused'; refusal: Refusal }
  | { kind: 'unknown' };

async function openCase(caseId: string): Promise<OpenedCase> {
  const known = (await ask(readingCaseQuery, { id: caseId })).case;
  if (!known) return { kind: 'unknown' };
  if (known.myRead) return { kind: 'signed', readingCase: known };
  const { case: opened, refusal } = (await ask(openCaseMutation, { input: { caseId } })).openCase;
  if (refusal) return { kind: 'refused', refusal };
  return opened ? { kind: 'open', readingCase: opened } : { kind: 'unknown' };
}

export function useOpenCase(caseId: string) {
  return useQuery({
    queryKey: ['open-case', caseId],
    queryFn: () => openCase(caseId),
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
