/** A proposal; others approve it with their passwords, each in a capacity of their own. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { approvePromotionMutation } from '../../api/documents';
import type { Proposal } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { useToast } from '../../components/toast';
import { hasRole, useViewer } from '../session/session';
import { SignatureFields, useSignature } from '../session/signature';

export function ProposalView({ proposal }: { proposal: Proposal }) {
  const { t, i18n } = useTranslation();
  const viewer = useViewer();
  const mayApprove = proposal.state === 'OPEN' && hasRole(viewer, ...proposal.wanted);
  const list = new Intl.ListFormat(i18n.language, { type: 'conjunction' });
  const capacities = list.format(proposal.wanted.map((capacity) => t(`approvingAs.${capacity}`)));
  return (
    <div className="note">
      <div className="row-actions">
        <strong>{t('rollout.proposal')}</strong>
        <StageBadge value={proposal.stage} />
        <span>{t(`proposalState.${proposal.state}`)}</span>
        <span className="muted">
          {proposal.proposedBy} · <Time at={proposal.proposedAt} />
        </span>
      </div>
      <p>{proposal.reason}</p>
      {proposal.approvals.length > 0 && (
        <ul className="plain">
          {proposal.approvals.map(({ capacity, by, at }) => (
            <li key={capacity}>
              <Icon name="signature" />{' '}
              {t('rollout.approvedBy', { name: by, capacity: t(`approvingAs.${capacity}`) })} ·{' '}
              <Time at={at} />
            </li>
          ))}
        </ul>
      )}
      {proposal.wanted.length > 0 && (
        <p className="small muted">{t('rollout.wanted', { capacities })}</p>
      )}
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
      const isMoved = deployment.stage === proposal.stage;
      const moved = t('rollout.approved', { stage: t(`stage.${deployment.stage}`) });
      toast(isMoved ? moved : t('rollout.signed'));
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
