/** Fetches the next case ahead, once this one is whole. */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ask } from '../../api/client';
import { readingCaseQuery, worklistQuery } from '../../api/documents';
import { mostUrgent } from '../worklist/views';
import { prefetch } from './prefetch';

/** The case that comes after this one for the reader: as the worklist has it, most urgent first. */
export function useNextCase(caseId: string, wanted: boolean) {
  const worklist = useQuery({
    queryKey: ['worklist'],
    queryFn: () => ask(worklistQuery, { first: 100, after: null }),
    enabled: wanted,
  });
  const rows = (worklist.data?.worklist.nodes ?? []).filter((row) => row.id !== caseId);
  return {
    nextId: mostUrgent(rows)?.id ?? null,
    /** When the list was given, ms since 1970; 0 before it was. */
    listedAt: worklist.dataUpdatedAt,
  };
}

export function usePrefetch(caseId: string, whole: boolean): void {
  const { nextId } = useNextCase(caseId, whole);
  useEffect(() => {
    if (!whole || !nextId) return;
    ask(readingCaseQuery, { id: nextId }).then(
      ({ case: next }) => next && void prefetch(next),
      // Not to be had now: opening it asks again, and tells.
      () => undefined,
    );
  }, [whole, nextId]);
}
