/** An optional score of how the case was read: RADPEER. It is counted by model and month, never by reader. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  type Discussion,
  type Radpeer,
  SCORES,
  scoreReadingMutation,
} from '../../api/discussion_documents';
import { Fault, RefusalNote } from '../../components/note';
import { useToast } from '../../components/toast';

interface ScoreFormProps {
  discussion: Discussion;
  onDone: () => void;
}

export function ScoreForm({ discussion, onDone }: ScoreFormProps) {
  const { t } = useTranslation();
  const say = useToast();
  const [chosen, setChosen] = useState<Radpeer | null>(discussion.ownScore);
  const score = useMutation({
    mutationFn: (value: Radpeer) =>
      ask(scoreReadingMutation, { input: { discussionId: discussion.id, score: value } }),
    onSuccess: ({ scoreReading }) => {
      if (scoreReading.refusal) return;
      say(t('learning.scored'));
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen) score.mutate(chosen);
  };
  const refusal = score.data?.scoreReading.refusal;
  return (
    <details>
      <summary>
        {t('learning.score')}
        {discussion.ownScore && ` · ${t(`radpeer.${discussion.ownScore}.short`)}`}
      </summary>
      <form className="reason" aria-label={t('learning.score')} onSubmit={submit}>
        <p className="muted small">{t('learning.scoreMeaning')}</p>
        <fieldset className="scores">
          <legend className="visually-hidden">{t('learning.score')}</legend>
          {SCORES.map((value) => (
            <label key={value} className="in-a-row">
              <input
                type="radio"
                name="radpeer"
                value={value}
                checked={chosen === value}
                onChange={() => setChosen(value)}
              />
              <strong>{t(`radpeer.${value}.short`)}</strong> {t(`radpeer.${value}.meaning`)}
            </label>
          ))}
        </fieldset>
        <div className="row-actions">
          <button type="submit" disabled={!chosen || score.isPending}>
            {t('learning.scoreAct')}
          </button>
        </div>
        {refusal && <RefusalNote refusal={refusal} />}
        {score.isError && <Fault error={score.error} onRetry={() => score.reset()} />}
      </form>
    </details>
  );
}
