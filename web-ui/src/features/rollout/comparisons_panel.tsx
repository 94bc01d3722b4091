/** Comparisons: what was declared, how far they are, what each declared look said. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, askOnClock } from '../../api/client';
import {
  type Comparison,
  type ComparisonLook,
  comparisonsQuery,
  giveUpComparisonMutation,
  type PairedMeasure,
} from '../../api/comparison_documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { Deployment } from '../../api/types';
import { Badge } from '../../components/badge';
import { Empty, Fault, Loading, RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { ComparisonForm } from './comparison_form';
import { inNumbers, inPerCent } from './numbers';
import { ReadPairs } from './read_pairs';
import './comparisons.css';

const WIDTH = 240;

export function ComparisonsPanel({ deployments }: { deployments: readonly Deployment[] }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const comparisons = useQuery({
    queryKey: ['comparisons'],
    queryFn: () => askOnClock(comparisonsQuery, {}),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const list = comparisons.data?.comparisons ?? [];
  return (
    <section className="panel" aria-label={t('compare.panel.title')}>
      <h2>{t('compare.panel.title')}</h2>
      <p className="muted">{t('compare.panel.text')}</p>
      {comparisons.isPending && <Loading rows={2} />}
      {comparisons.isError && (
        <Fault error={comparisons.error} onRetry={() => void comparisons.refetch()} />
      )}
      {comparisons.isSuccess && list.length === 0 && (
        <Empty title={t('compare.panel.title')}>{t('compare.panel.empty')}</Empty>
      )}
      {list.map((comparison) => (
        <ComparisonView key={comparison.id} comparison={comparison} deployments={deployments} />
      ))}
      {hasRole(viewer, 'ADMINISTRATOR') && <ComparisonForm deployments={deployments} />}
    </section>
  );
}

interface ComparisonViewProps {
  comparison: Comparison;
  deployments: readonly Deployment[];
}

function ComparisonView({ comparison, deployments }: ComparisonViewProps) {
  const { t } = useTranslation();
  const named = (id: string) => {
    const found = deployments.find((deployment) => deployment.id === id);
    return found ? `${found.name} · ${found.model.name} ${found.model.version}` : id;
  };
  const { plan, state, looks } = comparison;
  const margin = inNumbers(plan.margin * 100);
  const asks = plan.margin > 0 ? 'notWorse' : 'better';
  const last = looks[looks.length - 1];
  return (
    <article className="comparison" aria-label={named(comparison.challengerId)}>
      <h3>
        {named(comparison.challengerId)} <span className="muted">⟷</span>{' '}
        {named(comparison.championId)}{' '}
        <Badge
          icon={state === 'DECIDED' ? 'check' : 'clock'}
          tone={state === 'OPEN' ? 'wait' : 'good'}
        >
          {t(`compare.panel.state.${state}`)}
        </Badge>
      </h3>
      <p className="muted small">
        {t(`compare.panel.plan.${asks}`, { margin })} · {plan.looks.join(' / ')} · α {plan.alpha} ·{' '}
        {plan.futility && (
          <>
            {t('compare.panel.plan.futility', {
              limit: inPerCent(plan.futility.limit),
              hoped: inPerCent(plan.futility.alternative),
            })}{' '}
            ·{' '}
          </>
        )}
        {t('compare.panel.declared', { name: comparison.startedBy })}{' '}
        <Time at={comparison.startedAt} /> · {comparison.reason}
      </p>
      <progress max={plan.looks[plan.looks.length - 1]} value={comparison.pairs} />
      <p>
        {t('compare.panel.progress', {
          count: comparison.pairs,
          of: plan.looks[plan.looks.length - 1],
        })}
      </p>
      {looks.map((look) => (
        <LookRow key={look.number} look={look} bound={0.5 - plan.margin} />
      ))}
      {last && last.measures.length > 0 && <Measures measures={last.measures} />}
      {comparison.read.length > 0 && <ReadPairs comparison={comparison} />}
      {comparison.endedBy && (
        <p>
          {t('compare.panel.gaveUp', {
            name: comparison.endedBy,
            reason: comparison.endedReason ?? '',
          })}
        </p>
      )}
      {state === 'OPEN' && <GiveUp comparisonId={comparison.id} />}
    </article>
  );
}

/** The estimate with its repeated interval, against what had to be exceeded. */
function LookRow({ look, bound }: { look: ComparisonLook; bound: number }) {
  const { t } = useTranslation();
  const x = (share: number) => share * WIDTH;
  return (
    <div className="comparison-look">
      <strong>{t('compare.panel.pairs', { count: look.pairs })}</strong>
      <svg
        className="interval interval-held"
        viewBox={`0 0 ${WIDTH} 20`}
        role="img"
        aria-label={`${t('compare.panel.share')}: ${inPerCent(look.low)} – ${inPerCent(look.high)}`}
      >
        <line className="axis" x1="0" x2={WIDTH} y1="10" y2="10" />
        <line className="bound" x1={x(bound)} x2={x(bound)} y1="1" y2="19" />
        <line className="span" x1={x(look.low)} x2={x(look.high)} y1="10" y2="10" />
        {look.share !== null && <circle cx={x(look.share)} cy="10" r="3.5" />}
      </svg>
      <span className="number">
        {look.share === null ? '–' : inPerCent(look.share)} ({inPerCent(look.low)} –{' '}
        {inPerCent(look.high)})
      </span>
      <span className="muted">
        {t('compare.panel.preferred', { challenger: look.challenger, champion: look.champion })} ·{' '}
        {t('compare.panel.needed')}: {look.needed ?? '–'}
        {look.powerLeft !== null &&
          ` · ${t('compare.panel.powerLeft', { power: inPerCent(look.powerLeft) })}`}
      </span>
      <strong>{t(`compare.panel.decision.${look.decision}`)}</strong>
    </div>
  );
}

function Measures({ measures }: { measures: readonly PairedMeasure[] }) {
  const { t } = useTranslation();
  return (
    <>
      <table>
        <caption>{t('compare.panel.measures')}</caption>
        <tbody>
          {measures.map((one) => (
            <tr key={one.measured}>
              <th scope="row">{t(`compare.panel.measured.${one.measured}`)}</th>
              <td className="number">{inNumbers(one.difference)}</td>
              <td className="number">
                {one.low === null || one.high === null
                  ? '–'
                  : `${inNumbers(one.low)} – ${inNumbers(one.high)}`}
              </td>
              <td className="number muted">{t('compare.panel.pairs', { count: one.pairs })}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">{t('compare.panel.metricsAlone')}</p>
    </>
  );
}

function GiveUp({ comparisonId }: { comparisonId: string }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const giveUp = useMutation({
    mutationFn: async () =>
      (await ask(giveUpComparisonMutation, { input: { comparisonId, reason } })).giveUpComparison,
    onSuccess: ({ comparison }) => {
      if (comparison) void queries.invalidateQueries({ queryKey: ['comparisons'] });
    },
  });
  if (!hasRole(viewer, 'ADMINISTRATOR', 'QUALITY')) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    giveUp.mutate();
  };
  return (
    <form className="proposal-form" onSubmit={submit}>
      <label>
        {t('compare.panel.reason')}
        <input value={reason} required onChange={(event) => setReason(event.target.value)} />
      </label>
      <button type="submit" disabled={giveUp.isPending}>
        {t('compare.panel.giveUp')}
      </button>
      {giveUp.data?.refusal && <RefusalNote refusal={giveUp.data.refusal} />}
      {giveUp.isError && <Fault error={giveUp.error} onRetry={() => giveUp.reset()} />}
    </form>
  );
}
