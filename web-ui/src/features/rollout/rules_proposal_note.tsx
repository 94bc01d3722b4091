/** Other rules that wait for a second person: what would change, and Adopt or Decline. */
import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { adoptRulesMutation, declineRulesMutation } from '../../api/rollout_documents';
import type { RulesProposal } from '../../api/rollout_types';
import { Fault, RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { useToast } from '../../components/toast';
import { hasRole, useViewer } from '../session/session';
import { SignatureFields, useSignature } from '../session/signature';

interface RulesProposalNoteProps {
  proposal: RulesProposal;
  /** What shows other rules once these are decided. */
  queryKey: QueryKey;
}

export function RulesProposalNote({ proposal, queryKey }: RulesProposalNoteProps) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const isOwn = viewer.printedName === proposal.proposedBy;
  const mayDecide = hasRole(viewer, 'QUALITY', 'CLINICAL_OWNER');
  return (
    <div className="note">
      <strong>{t('rulesProposal.title')}</strong>
      <span className="muted">
        {proposal.proposedBy} · <Time at={proposal.proposedAt} />
      </span>
      <p>{proposal.reason}</p>
      <ul className="small">
        {proposal.difference.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <p className="small muted">{t(isOwn ? 'rulesProposal.waits' : 'rulesProposal.decides')}</p>
      {mayDecide && !isOwn && <Adoption proposal={proposal} queryKey={queryKey} />}
      {(mayDecide || isOwn) && <Decline proposal={proposal} queryKey={queryKey} isOwn={isOwn} />}
    </div>
  );
}

function Adoption({ proposal, queryKey }: RulesProposalNoteProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const signature = useSignature();
  const adopt = useMutation({
    mutationFn: () =>
      ask(adoptRulesMutation, { input: { proposalId: proposal.id, ...signature.typed } }),
    onSuccess: ({ adoptRules }) => {
      if (!adoptRules.proposal) return;
      signature.taken();
      toast(t('rulesProposal.adopted'));
      void queries.invalidateQueries({ queryKey });
      void queries.invalidateQueries({ queryKey: ['deployments'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adopt.mutate();
  };
  const refusal = adopt.data?.adoptRules.refusal;
  return (
    <form className="proposal-form" onSubmit={submit}>
      <SignatureFields signature={signature} passwordLabel={t('rulesProposal.password')} />
      <button type="submit" className="primary" disabled={adopt.isPending || !signature.complete}>
        {t('rulesProposal.adopt')}
      </button>
      {refusal && <RefusalNote refusal={refusal} />}
      {adopt.isError && <Fault error={adopt.error} onRetry={() => adopt.reset()} />}
    </form>
  );
}

function Decline({ proposal, queryKey, isOwn }: RulesProposalNoteProps & { isOwn: boolean }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const decline = useMutation({
    mutationFn: () => ask(declineRulesMutation, { input: { proposalId: proposal.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey }),
  });
  const refusal = decline.data?.declineRules.refusal;
  return (
    <div className="row-actions">
      <button type="button" disabled={decline.isPending} onClick={() => decline.mutate()}>
        {t(isOwn ? 'rulesProposal.takeBack' : 'rulesProposal.decline')}
      </button>
      {refusal && <RefusalNote refusal={refusal} />}
      {decline.isError && <Fault error={decline.error} onRetry={() => decline.reset()} />}
    </div>
  );
}
