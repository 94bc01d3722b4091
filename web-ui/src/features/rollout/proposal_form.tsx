/** An administrator proposes the next stage, with a reason. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { proposePromotionMutation } from '../../api/documents';
import type { Deployment, Stage } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { stageAbove } from './stages';

export function ProposalForm({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const stage = stageAbove(deployment.stage);
  const propose = useMutation({
    mutationFn: (wanted: Stage) =>
      ask(proposePromotionMutation, {
        input: { deploymentId: deployment.id, stage: wanted, reason },
      }),
    onSuccess: ({ proposePromotion: { proposal } }) => {
      if (!proposal) return;
      setReason('');
      void queries.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  if (!stage) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    propose.mutate(stage);
  };
  return (
    <form className="proposal-form" onSubmit={submit}>
      <label>
        {t('rollout.reason')}
        <input value={reason} required onChange={(event) => setReason(event.target.value)} />
      </label>
      <button type="submit" className="primary" disabled={propose.isPending}>
        {t('rollout.propose', { stage: t(`stage.${stage}`) })}
      </button>
      {propose.data?.proposePromotion.refusal && (
        <RefusalNote refusal={propose.data.proposePromotion.refusal} />
      )}
      {propose.isError && <Fault error={propose.error} onRetry={() => propose.reset()} />}
    </form>
  );
}
