/** Live refresh: a subscription that says "look again", and polling where it can't be had. */
import { useQueryClient } from '@tanstack/react-query';
import { createClient } from 'graphql-ws';
import { useEffect, useState } from 'react';
import { onSignedInAgain } from './client';
import { worklistChangedSubscription } from './documents';

/** How often lists are asked for again while no subscription tells of changes, in ms; never while the page is hidden. */
export const POLL_INTERVAL_MS = 15_000;
/** The same where one does: what it can't tell, such as a time that passes, is found then. */
const LIVE_POLL_INTERVAL_MS = 60_000;
/** How often a connection is kept from falling silent, in ms. */
const KEEP_ALIVE_MS = 20_000;

/**
 * Calls `look` whenever the server says that the worklist may have changed, and `onLive` when it begins and ceases to
 * tell. Returns the way to stop.
 */
export function onWorklistChanged(
  look: () => void,
  onLive: (isLive: boolean) => void = () => undefined,
): () => void {
  let stop = listen(look, onLive);
  // The server ends what an ended login session listens to, for good.
  const stopRenewing = onSignedInAgain(() => {
    stop();
    stop = listen(look, onLive);
    look();
  });
  return () => {
    stopRenewing();
    stop();
  };
}

function listen(look: () => void, onLive: (isLive: boolean) => void): () => void {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const client = createClient({
    url: `${scheme}://${window.location.host}/graphql`,
    retryAttempts: 20,
    // The server closes a connection on which a page says nothing for a minute.
    keepAlive: KEEP_ALIVE_MS,
    on: { connected: () => onLive(true), closed: () => onLive(false) },
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
    // A connection that never came about can't be closed, and needn't be.
    Promise.resolve(client.dispose()).catch(() => undefined);
  };
}

/** Asks for the worklist again whenever the server says that it may have changed; gives how often to ask besides, ms. */
export function useLiveWorklist(): number {
  const queries = useQueryClient();
  const [isLive, setLive] = useState(false);
  useEffect(
    () =>
      onWorklistChanged(() => void queries.invalidateQueries({ queryKey: ['worklist'] }), setLive),
    [queries],
  );
  return isLive ? LIVE_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
}
