/** Covers the page after a pause without input; the server ends the session by its own clock. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../api/types';
import { CredentialsForm } from './credentials_form';
import { useSignOut } from './session';

const INPUTS = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
const LOOK_EVERY_MS = 5_000;

interface IdleLockProps {
  viewer: Viewer;
  locked: boolean;
  onLock: () => void;
  onUnlocked: (viewer: Viewer) => void;
}

export function IdleLock({ viewer, locked, onLock, onUnlocked }: IdleLockProps) {
  const { t } = useTranslation();
  const signOut = useSignOut();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    let lastInput = Date.now();
    const noteInput = () => {
      lastInput = Date.now();
    };
    for (const input of INPUTS) window.addEventListener(input, noteInput, { passive: true });
    const timer = setInterval(() => {
      if (Date.now() - lastInput >= viewer.idleLockMinutes * 60_000) onLock();
    }, LOOK_EVERY_MS);
    return () => {
      clearInterval(timer);
      for (const input of INPUTS) window.removeEventListener(input, noteInput);
    };
  }, [viewer.idleLockMinutes, onLock]);
  useEffect(() => {
    if (locked) {
      dialog.current?.showModal();
      // The name is known and fixed: what is typed next is the password.
      dialog.current?.querySelector<HTMLInputElement>('input[type=password]')?.focus();
    } else dialog.current?.close();
  }, [locked]);
  if (!locked) return <dialog ref={dialog} />;
  return (
    <dialog
      ref={dialog}
      className="lock"
      aria-label={t('session.locked')}
      onCancel={(event) => event.preventDefault()}
    >
      <div className="sign-in-panel">
        <h1>{t('session.locked')}</h1>
        <p className="muted">{t('session.lockedWhy')}</p>
        <CredentialsForm
          username={viewer.username}
          action={t('session.unlock')}
          onSignedIn={onUnlocked}
        />
        <button type="button" className="quiet" onClick={() => void signOut()}>
          {t('session.notYou')}
        </button>
      </div>
    </dialog>
  );
}
