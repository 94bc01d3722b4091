/** What was released before a stop: somebody decides what becomes of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { closeRecallEvaluationMutation } from '../../api/rollout_documents';
import type { RecallEvaluation } from '../../api/rollout_types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';

interface RecallEvaluationNoteProps {
  deploymentId: string;
  evaluation: RecallEvaluation;
}

export function RecallEvaluationNote({ deploymentId, evaluation }: RecallEvaluationNoteProps) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [open, setOpen] = useState(false);
  const mayClose = !evaluation.closedAt && hasRole(viewer, 'QUALITY', 'CLINICAL_OWNER');
  return (
    <div className={evaluation.closedAt ? 'note' : 'note note-wait'}>
      <strong>
        <Icon name="scales" /> {t('recallEvaluation.title')}
      </strong>
      <p>
        {t('recallEvaluation.covers', { count: evaluation.cases.length })} ·{' '}
        <Time at={evaluation.from} /> – <Time at={evaluation.to} />
      </p>
      <details>
        <summary>{t('recallEvaluation.covers', { count: evaluation.cases.length })}</summary>
        <ul className="small">
          {evaluation.cases.map((id) => (
            <li key={id}>
              <code>{id}</code>
            </li>
          ))}
        </ul>
      </details>
      {hasRole(viewer, 'QUALITY', 'ADJUDICATOR') && (
        <p>
          <Link
            to="/recalls"
            search={{ deployment: deploymentId, from: evaluation.from, until: evaluation.to }}
          >
            {t('recalls.openFor')}
          </Link>
        </p>
      )}
      {evaluation.closedBy && (
        <p className="muted">
          {t('recallEvaluation.closed', {
            name: evaluation.closedBy,
            words: evaluation.conclusion ?? '',
          })}
        </p>
      )}
      {mayClose && !open && (
        <button type="button" onClick={() => setOpen(true)}>
          {t('recallEvaluation.close')}
        </button>
      )}
      {mayClose && open && <Decision evaluation={evaluation} onClose={() => setOpen(false)} />}
    </div>
  );
}

interface DecisionProps {
  evaluation: RecallEvaluation;
  onClose: () => void;
}

function Decision({ evaluation, onClose }: DecisionProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const close = useMutation({
    mutationFn: (conclusion: string) =>
      ask(closeRecallEvaluationMutation, { input: { evaluationId: evaluation.id, conclusion } }),
    onSuccess: ({ closeRecallEvaluation }) => {
      if (!closeRecallEvaluation.evaluation) return;
      onClose();
      void queries.invalidateQueries({ queryKey: ['stopRules'] });
    },
  });
  const refusal = close.data?.closeRecallEvaluation.refusal;
  return (
    <ReasonForm
      label={t('recallEvaluation.decided')}
      action={t('recallEvaluation.close')}
      pending={close.isPending}
      onAct={(conclusion) => close.mutate(conclusion)}
      onClose={onClose}
    >
      {refusal && <RefusalNote refusal={refusal} />}
      {close.isError && <Fault error={close.error} onRetry={() => close.reset()} />}
    </ReasonForm>
  );
}
