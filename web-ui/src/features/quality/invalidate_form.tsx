/** Says that a signature doesn't count, of a case that another person holds. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { invalidateSignatureMutation } from '../../api/oversight_documents';
import type { SteeredCase } from '../../api/oversight_types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';
import { useToast } from '../../components/toast';
import { isOver } from './case_acts';

/** Whether a signature of the case may be found not to count: it is held by hand and not over. */
export const mayInvalidate = ({ state, holds }: Pick<SteeredCase, 'state' | 'holds'>) =>
  !isOver(state) && holds.some(({ reasonCode }) => reasonCode === 'coordinator');

export function InvalidateForm({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () =>
      ask(invalidateSignatureMutation, {
        input: { caseId, username: username.trim(), reason: reason.trim() },
      }),
    onSuccess: ({ invalidateSignature: { refusal } }) => {
      if (refusal) return;
      setUsername('');
      setReason('');
      say(t('steer.invalidate.done'));
      void queries.invalidateQueries({ queryKey: ['case-history', caseId] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  const refusal = act.data?.invalidateSignature.refusal;
  return (
    <details className="panel">
      <summary>{t('steer.invalidate.title')}</summary>
      <form className="reason" aria-label={t('steer.invalidate.title')} onSubmit={submit}>
        <p>{t('steer.invalidate.meaning')}</p>
        <label>
          {t('steer.invalidate.whose')}
          <input
            required
            autoComplete="off"
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
        </label>
        <ReasonInput label={t('steer.reason')} value={reason} onChange={setReason} />
        <div className="row-actions">
          <button type="submit" className="danger" disabled={act.isPending}>
            {t('steer.invalidate.act')}
          </button>
        </div>
        {refusal && <RefusalNote refusal={refusal} />}
        {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
      </form>
    </details>
  );
}
