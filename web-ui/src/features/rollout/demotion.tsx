/** Stop and step down: one person, two clicks, the reason afterwards. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { demoteDeploymentMutation } from '../../api/documents';
import type { Deployment, Stage } from '../../api/types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { useToast } from '../../components/toast';
import { stagesBelow } from './stages';

export function Demotion({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const [armed, setArmed] = useState(false);
  const demote = useMutation({
    mutationFn: (stage: Stage) =>
      ask(demoteDeploymentMutation, {
        input: { deploymentId: deployment.id, stage, reason: null },
      }),
    onSuccess: ({ demoteDeployment: { deployment: demoted } }) => {
      if (!demoted) return;
      setArmed(false);
      toast(t('rollout.demoted', { stage: t(`stage.${demoted.stage}`) }));
      void queries.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  const below = stagesBelow(deployment.stage);
  if (below.length === 0) return null;
  return (
    <div className="demotion">
      {armed ? (
        <>
          <span className="small">{t('rollout.stopMeaning')}</span>
          {below.map((stage) => (
            <button
              key={stage}
              type="button"
              className={stage === 'SUSPENDED' ? 'danger danger-now' : 'danger'}
              disabled={demote.isPending}
              onClick={() => demote.mutate(stage)}
            >
              {stage === 'SUSPENDED'
                ? t('rollout.suspendNow')
                : t('rollout.demoteTo', { stage: t(`stage.${stage}`) })}
            </button>
          ))}
          <button type="button" onClick={() => setArmed(false)}>
            {t('common.cancel')}
          </button>
        </>
      ) : (
        <button type="button" className="danger" onClick={() => setArmed(true)}>
          <Icon name="pause" />
          {t('rollout.stop')}
        </button>
      )}
      {demote.data?.demoteDeployment.refusal && (
        <RefusalNote refusal={demote.data.demoteDeployment.refusal} />
      )}
      {demote.isError && <Fault error={demote.error} onRetry={() => demote.reset()} />}
    </div>
  );
}
