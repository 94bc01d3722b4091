/** Who is signed in: known to every page, asked again when the server says the session is over. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { ask, onSignedOut, tellSignedInAgain } from '../../api/client';
import { signOutMutation, viewerQuery } from '../../api/documents';
import type { Role, Viewer } from '../../api/types';
import { Fault } from '../../components/note';
import { ChoosePasswordPage } from './choose_password_page';
import { IdleLock } from './idle_lock';
import { SignInPage } from './sign_in_page';
import { chosenTheme, showTheme, themeOf } from './theme';

const SessionContext = createContext<Viewer | null>(null);
const LockContext = createContext(false);

/** Whether the page is covered until its person has signed in again: nobody sees what stands on it. */
export const useLocked = (): boolean => useContext(LockContext);

/** The viewer; only below `SessionGate`, which shows the sign-in page to everybody else. */
export function useViewer(): Viewer {
  const viewer = useContext(SessionContext);
  if (!viewer) throw new Error('there is no viewer outside the session gate');
  return viewer;
}

export function hasRole(viewer: Viewer, ...roles: Role[]): boolean {
  return roles.some((role) => viewer.roles.includes(role));
}

/** Signs out and forgets every answer of the server. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await ask(signOutMutation, {});
    queries.clear();
    window.location.assign('/');
  };
}

export function SessionGate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const signOut = useSignOut();
  const [locked, setLocked] = useState(false);
  const viewer = useQuery({ queryKey: ['viewer'], queryFn: () => ask(viewerQuery, {}) });
  const asked = viewer.data?.viewer ?? null;
  const [held, setHeld] = useState(asked);
  if (asked && asked !== held) setHeld(asked);
  // A login session that ends leaves the page as it is, below the lock: what was typed on it is not lost.
  const known = asked ?? held;
  const isOver = held !== null && viewer.isSuccess && asked === null;
  const covered = locked || isOver;

  useEffect(() => onSignedOut(() => setLocked(true)), []);
  useEffect(() => {
    if (known) showTheme(chosenTheme() ?? themeOf(known.roles));
  }, [known]);

  if (viewer.isPending) return null;
  if (viewer.isError) {
    return (
      <main className="page">
        <Fault error={viewer.error} onRetry={() => void viewer.refetch()} />
      </main>
    );
  }
  if (!known) {
    return (
      <SignInPage
        onSignedIn={(signedIn) => queries.setQueryData(['viewer'], { viewer: signedIn })}
      />
    );
  }
  if (known.mustChangePassword && asked) {
    return (
      <ChoosePasswordPage
        viewer={known}
        onChosen={(chosen) => queries.setQueryData(['viewer'], { viewer: chosen })}
        onSignOut={() => void signOut()}
      />
    );
  }
  return (
    <SessionContext.Provider value={known}>
      <LockContext value={covered}>{children}</LockContext>
      <IdleLock
        viewer={known}
        locked={covered}
        onLock={() => setLocked(true)}
        onUnlocked={(unlocked) => {
          setLocked(false);
          queries.setQueryData(['viewer'], { viewer: unlocked });
          tellSignedInAgain();
          // An open case keeps its images and its lease; everything else is asked again.
          void queries.invalidateQueries({
            predicate: ({ queryKey, state }) =>
              queryKey[0] !== 'open-case' || state.status === 'error',
          });
        }}
      />
    </SessionContext.Provider>
  );
}
