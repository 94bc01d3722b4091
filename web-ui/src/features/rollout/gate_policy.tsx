/** What gates ask: the bounds in force, what is proposed, and what was asked before. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { gatePoliciesQuery, proposeGatePolicyMutation } from '../../api/rollout_documents';
import type { Bounds, GatePolicies, GatePolicy } from '../../api/rollout_types';
import { Fault, Loading, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { useToast } from '../../components/toast';
import { hasRole, useViewer } from '../session/session';
import { typedNumber } from './numbers';
import { RulesProposalNote } from './rules_proposal_note';

const QUERY_KEY = ['gatePolicies'];
const STAGES = ['pilot', 'supervised', 'general'] as const;
const BOUNDS: readonly (keyof Bounds)[] = [
  'daysMin',
  'endedMin',
  'localEndedMin',
  'acceptedShareMin',
  'discordantShareMax',
  'criticalFindingsMax',
  'readersMin',
  'coveredShareMin',
  'coveredFindingsMin',
  'subgroupGapMax',
  'subgroupEndedMin',
  'witnessHoursMax',
];
const SHARES: readonly (keyof Bounds)[] = [
  'acceptedShareMin',
  'discordantShareMax',
  'coveredShareMin',
  'subgroupGapMax',
];

export function GatePolicyPanel() {
  const { t } = useTranslation();
  const policies = useQuery({ queryKey: QUERY_KEY, queryFn: () => ask(gatePoliciesQuery, {}) });
  // It opens by itself where something waits, and stays as the person leaves it once that is decided.
  const [isOpened, setOpened] = useState(false);
  const isWaiting = policies.data?.gatePolicies.proposals.some(({ state }) => state === 'OPEN');
  return (
    <details
      className="panel"
      open={isOpened || isWaiting}
      onToggle={({ currentTarget }) => setOpened(currentTarget.open)}
    >
      <summary>{t('gatePolicy.title')}</summary>
      {policies.isPending && <Loading rows={4} />}
      {policies.isError && <Fault error={policies.error} onRetry={() => void policies.refetch()} />}
      {policies.data && <Policies policies={policies.data.gatePolicies} />}
    </details>
  );
}

function Policies({ policies }: { policies: GatePolicies }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [editing, setEditing] = useState(false);
  const { inForce, former, proposals } = policies;
  const open = proposals.filter(({ state }) => state === 'OPEN');
  const mayPropose = hasRole(viewer, 'QUALITY', 'ADMINISTRATOR') && open.length === 0;
  return (
    <>
      <p className="small muted">
        {t('gatePolicy.inForce', { version: inForce.version })} · {inForce.reason}
        {inForce.adoptedBy && (
          <>
            {' · '}
            {t('gatePolicy.by', { proposer: inForce.proposedBy, adopter: inForce.adoptedBy })}
          </>
        )}
        {inForce.adoptedAt && (
          <>
            {' · '}
            <Time at={inForce.adoptedAt} />
          </>
        )}
      </p>
      {!editing && <BoundsTable policy={inForce.policy} />}
      {open.map((proposal) => (
        <RulesProposalNote key={proposal.id} proposal={proposal} queryKey={QUERY_KEY} />
      ))}
      {editing && (
        <PolicyForm
          policy={inForce.policy}
          follows={inForce.number}
          onClose={() => setEditing(false)}
        />
      )}
      {mayPropose && !editing && (
        <button type="button" onClick={() => setEditing(true)}>
          {t('gatePolicy.edit')}
        </button>
      )}
      {former.length > 0 && (
        <details>
          <summary>{t('gatePolicy.former')}</summary>
          <ul className="small">
            {[inForce, ...former].map((version) => (
              <li key={version.number}>
                {version.version} {version.difference.join(' · ')}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

interface BoundsTableProps {
  policy: GatePolicy;
  /** Where the bounds are to be changed. */
  onChange?: (policy: GatePolicy) => void;
}

function BoundsTable({ policy, onChange }: BoundsTableProps) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('gatePolicy.bound')}</th>
          {STAGES.map((stage) => (
            <th key={stage} scope="col" className="number">
              {t(`gatePolicy.stage.${stage}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {BOUNDS.map((bound) => (
          <tr key={bound}>
            <th scope="row">{t(`gatePolicy.bounds.${bound}`)}</th>
            {STAGES.map((stage) => (
              <td key={stage} className="number">
                {onChange ? (
                  <input
                    type="number"
                    min={0}
                    max={SHARES.includes(bound) ? 1 : undefined}
                    step={SHARES.includes(bound) ? 0.005 : 1}
                    aria-label={`${t(`gatePolicy.bounds.${bound}`)}, ${t(`gatePolicy.stage.${stage}`)}`}
                    value={policy[stage][bound]}
                    onChange={({ target }) =>
                      onChange({
                        ...policy,
                        [stage]: { ...policy[stage], [bound]: typedNumber(target.value) ?? 0 },
                      })
                    }
                  />
                ) : (
                  policy[stage][bound]
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface PolicyFormProps {
  policy: GatePolicy;
  follows: number;
  onClose: () => void;
}

function PolicyForm({ policy: inForce, follows, onClose }: PolicyFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const [policy, setPolicy] = useState(inForce);
  const propose = useMutation({
    mutationFn: (reason: string) =>
      ask(proposeGatePolicyMutation, { input: { policy, reason, follows } }),
    onSuccess: ({ proposeGatePolicy }) => {
      if (!proposeGatePolicy.proposal) return;
      toast(t('rulesProposal.proposed'));
      void queries.invalidateQueries({ queryKey: QUERY_KEY });
      onClose();
    },
  });
  const refusal = propose.data?.proposeGatePolicy.refusal;
  return (
    <>
      <BoundsTable policy={policy} onChange={setPolicy} />
      <ReasonForm
        label={t('gatePolicy.reason')}
        action={t('gatePolicy.propose')}
        pending={propose.isPending}
        onAct={(reason) => propose.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {propose.isError && <Fault error={propose.error} onRetry={() => propose.reset()} />}
      </ReasonForm>
    </>
  );
}
