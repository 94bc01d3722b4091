/** Live refresh: a subscription that says "look again", and polling where it can't be had. */
import { useQueryClient } from '@tanstack/react-query';
import { createClient } from 'graphql-ws';
import { useEffect } from 'react';
import { worklistChangedSubscription } from './documents';

/** How often lists are asked for again while no subscription tells of changes, in ms. */
export const POLL_INTERVAL_MS = 15_000;

/** Calls `look` whenever the server says that the worklist may have changed. Returns the way to stop. */
export function onWorklistChanged(look: () => void): () => void {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const client = createClient({
    url: `${scheme}://${window.location.host}/graphql`,
    retryAttempts: 20,
  });
  const stop = client.subscribe(
    { query: worklistChangedSubscription.text },
    {
      next: look,
      // Whoever listens also learns of changes without the subscription: by polling, or at the next save.
      error: () => undefined,
      complete: () => undefined,
    },
  );
  return () => {
    stop();
    void client.dispose();
  };
}

/** Asks for the worklist again whenever the server says that it may have changed. */
export function useLiveWorklist(): void {
  const queries = useQueryClient();
  useEffect(
    () => onWorklistChanged(() => void queries.invalidateQueries({ queryKey: ['worklist'] })),
    [queries],
  );
}
