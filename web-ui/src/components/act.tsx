/** An act that says beforehand what it will do, and afterwards what it did; a refusal is shown as a sentence. */
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '../api/types';
import { Fault, RefusalNote } from './note';
import { ReasonForm } from './reason_form';
import { useToast } from './toast';

interface ActProps {
  /** The word on the button. */
  word: string;
  /** Says of which of several alike things the act is. */
  label?: string;
  /** What it will do. */
  meaning: ReactNode;
  /** What it did. */
  done: string;
  /** What is asked where the server wants to know why. */
  reason?: string;
  danger?: boolean;
  /** Gives the refusal, or null when it is done. */
  run: (reason: string) => Promise<Refusal | null>;
  onDone: () => void;
}

export function Act({ word, label, meaning, done, reason, danger, run, onDone }: ActProps) {
  const { t } = useTranslation();
  const say = useToast();
  const [open, setOpen] = useState(false);
  const act = useMutation({
    mutationFn: run,
    onSuccess: (refusal) => {
      if (refusal) return;
      setOpen(false);
      say(done);
      onDone();
    },
  });
  const close = () => {
    act.reset();
    setOpen(false);
  };
  const problem = (
    <>
      {act.data && <RefusalNote refusal={act.data} />}
      {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
    </>
  );
  if (!open) {
    return (
      <button
        type="button"
        className={danger ? 'danger' : undefined}
        aria-label={label}
        onClick={() => setOpen(true)}
      >
        {word}
      </button>
    );
  }
  return (
    <div className="reason">
      <p>{meaning}</p>
      {reason ? (
        <ReasonForm
          label={reason}
          action={word}
          pending={act.isPending}
          onAct={(why) => act.mutate(why)}
          onClose={close}
        >
          {problem}
        </ReasonForm>
      ) : (
        <>
          <div className="row-actions">
            <button
              type="button"
              // biome-ignore lint/a11y/noAutofocus: whoever opened the act goes on with it by the keyboard
              autoFocus
              className={danger ? 'danger' : 'primary'}
              disabled={act.isPending}
              onClick={() => act.mutate('')}
            >
              {word}
            </button>
            <button type="button" className="quiet" onClick={close}>
              {t('common.cancel')}
            </button>
          </div>
          {problem}
        </>
      )}
    </div>
  );
}
