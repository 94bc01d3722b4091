/** A proposal; another person of quality, or the clinical owner, approves it with the password. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { approvePromotionMutation } from '../../api/documents';
import type { Proposal } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Fault, RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { useToast } from '../../components/toast';
import { hasRole, useViewer } from '../session/session';
import { SignatureFields, useSignature } from '../session/signature';

export function ProposalView({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const mayApprove = proposal.state === 'OPEN' && hasRole(viewer, 'QUALITY', 'CLINICAL_OWNER');
  return (
    <div className="note">
      <div className="row-actions">
        <strong>{t('rollout.proposal')}</strong>
        <StageBadge value={proposal.stage} />
        <span>{t(`proposalState.${proposal.state}`)}</span>
        <span className="muted">
          {proposal.proposedBy} · <Time at={proposal.proposedAt} />
          {proposal.approvedBy && ` · ${t('rollout.approvedBy', { name: proposal.approvedBy })}`}
        </span>
      </div>
      <p>{proposal.reason}</p>
      {mayApprove && <Approval proposal={proposal} />}
    </div>
  );
}

function Approval({ proposal }: { proposal: Proposal }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const signature = useSignature();
  const approve = useMutation({
    mutationFn: () =>
      ask(approvePromotionMutation, { input: { proposalId: proposal.id, ...signature.typed } }),
    onSuccess: ({ approvePromotion: { deployment } }) => {
      if (!deployment) return;
      signature.taken();
      toast(t('rollout.approved', { stage: t(`stage.${deployment.stage}`) }));
      void queries.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    approve.mutate();
  };
  return (
    <form className="proposal-form" onSubmit={submit}>
      <SignatureFields signature={signature} passwordLabel={t('rollout.password')} />
      <button type="submit" className="primary" disabled={approve.isPending || !signature.complete}>
        {t('rollout.approve')}
      </button>
      {approve.data?.approvePromotion.refusal && (
        <RefusalNote refusal={approve.data.approvePromotion.refusal} />
      )}
      {approve.isError && <Fault error={approve.error} onRetry={() => approve.reset()} />}
    </form>
  );
}
