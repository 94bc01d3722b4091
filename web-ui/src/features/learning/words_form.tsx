/** Some sentences and the act that says them; what was typed stays when it is refused. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Refusal } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { useToast } from '../../components/toast';

/** What the server takes as words, characters. */
const CHARS_MIN = 3;

interface WordsFormProps {
  label: string;
  hint?: string;
  action: string;
  /** What it did. */
  done: string;
  charsMax: number;
  /** Gives the refusal, or null when it is done. */
  run: (words: string) => Promise<Refusal | null>;
  onDone: () => void;
  /** Fields before the words. */
  children?: ReactNode;
}

export function WordsForm(props: WordsFormProps) {
  const { label, hint, action, done, charsMax, run, onDone, children } = props;
  const { t } = useTranslation();
  const say = useToast();
  const id = useId();
  const [words, setWords] = useState('');
  const act = useMutation({
    mutationFn: run,
    onSuccess: (refusal) => {
      if (refusal) return;
      setWords('');
      say(done);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate(words.trim());
  };
  return (
    <form className="reason words-form" aria-label={action} onSubmit={submit}>
      {children}
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={3}
        required
        minLength={CHARS_MIN}
        maxLength={charsMax}
        aria-describedby={`${id}-hint`}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.currentTarget.form?.requestSubmit();
          }
        }}
      />
      <p id={`${id}-hint`} className="muted small">
        {hint} {t('learning.chars', { left: charsMax - [...words].length })}
      </p>
      <div className="row-actions">
        <button
          type="submit"
          className="primary"
          disabled={act.isPending || words.trim().length < CHARS_MIN}
        >
          {action} <kbd>Ctrl Enter</kbd>
        </button>
      </div>
      {act.data && <RefusalNote refusal={act.data} />}
      {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
    </form>
  );
}
