/** The stop rules of a deployment: where each stands, how it behaves, what they told. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import { stopRulesQuery } from '../../api/rollout_documents';
import type { Characteristic, RuleState, StopView } from '../../api/rollout_types';
import type { Deployment } from '../../api/types';
import { Badge } from '../../components/badge';
import { Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { AlarmNote } from './alarm_note';
import { inNumbers, inPerCent } from './numbers';
import { RecallEvaluationNote } from './recall_evaluation_note';
import { RuleChart } from './rule_chart';
import { RulesProposalNote } from './rules_proposal_note';
import { StopRulesForm } from './stop_rules_form';

export function StopRules({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const view = useQuery({
    queryKey: ['stopRules', deployment.id],
    queryFn: () => askOnClock(stopRulesQuery, { deploymentId: deployment.id }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  return (
    <section aria-label={t('stopRules.title')} className="stop-rules">
      <h3>{t('stopRules.title')}</h3>
      {view.isPending && <Loading rows={3} />}
      {view.isError && <Fault error={view.error} onRetry={() => void view.refetch()} />}
      {view.data && <Rules view={view.data.stopRules} deployment={deployment} />}
    </section>
  );
}

function Rules({ view, deployment }: { view: StopView; deployment: Deployment }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [editing, setEditing] = useState(false);
  const { rules } = view;
  return (
    <>
      <p className="small muted">
        {t('stopRules.version', { version: rules.version })} ·{' '}
        {rules.changedBy
          ? t('stopRules.changedBy', { name: rules.changedBy, reason: rules.reason })
          : t('stopRules.standard')}
        {rules.changedAt && (
          <>
            {' '}
            · <Time at={rules.changedAt} />
          </>
        )}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('stopRules.rule')}</th>
            <th scope="col">{t('stopRules.does')}</th>
            <th scope="col" className="number">
              {t('stopRules.stands')}
            </th>
            <th scope="col" className="number">
              {t('stopRules.bound')}
            </th>
            <th scope="col">{t('stopRules.chart')}</th>
            <th scope="col">{t('stopRules.behaviour')}</th>
          </tr>
        </thead>
        <tbody>
          {view.states.map((state) => (
            <RuleRow
              key={state.rule}
              state={state}
              behaviour={view.characteristics.filter(({ rule }) => rule === state.rule)}
            />
          ))}
        </tbody>
      </table>
      {view.proposals
        .filter(({ state }) => state === 'OPEN')
        .map((proposal) => (
          <RulesProposalNote
            key={proposal.id}
            proposal={proposal}
            queryKey={['stopRules', deployment.id]}
          />
        ))}
      {view.alarms.map((alarm) => (
        <AlarmNote key={alarm.id} alarm={alarm} />
      ))}
      {view.recallEvaluations.map((evaluation) => (
        <RecallEvaluationNote
          key={evaluation.id}
          deploymentId={deployment.id}
          evaluation={evaluation}
        />
      ))}
      {view.former.length > 0 && (
        <details>
          <summary>{t('stopRules.former')}</summary>
          <ul className="small">
            {[rules, ...view.former].map((version) => (
              <li key={version.version}>
                {t('stopRules.version', { version: version.version })}{' '}
                {version.difference.join(' · ')}
              </li>
            ))}
          </ul>
        </details>
      )}
      {hasRole(viewer, 'QUALITY', 'ADMINISTRATOR') &&
        (editing ? (
          <StopRulesForm
            deploymentId={deployment.id}
            inForce={rules}
            onClose={() => setEditing(false)}
          />
        ) : (
          <button type="button" onClick={() => setEditing(true)}>
            {t('stopRules.edit')}
          </button>
        ))}
    </>
  );
}

interface RuleRowProps {
  state: RuleState;
  behaviour: Characteristic[];
}

function RuleRow({ state, behaviour }: RuleRowProps) {
  const { t } = useTranslation();
  return (
    <tr>
      <td>
        <strong>{state.rule}</strong>
        <div className="small muted">{state.note}</div>
      </td>
      <td>
        <Badge
          icon={state.fired ? 'warning' : 'check'}
          tone={state.fired ? (state.action === 'INFORM' ? 'wait' : 'bad') : 'plain'}
        >
          {t(`stopRules.action.${state.action}`)}
        </Badge>
      </td>
      <td className="number">{inNumbers(state.value)}</td>
      <td className="number">{inNumbers(state.bound)}</td>
      <td>
        <RuleChart state={state} />
      </td>
      <td>
        <Behaviour rows={behaviour} />
      </td>
    </tr>
  );
}

/** How rules behave, in sentences. */
export function Behaviour({ rows }: { rows: Characteristic[] }) {
  const { t } = useTranslation();
  const sentence = (row: Characteristic) => {
    const perYear = row.alarmsPerYear < 0.05 ? '< 0.05' : inNumbers(row.alarmsPerYear);
    if (row.acceptable && row.rate >= 1) {
      return t('stopRules.silentBy', { perYear, count: row.rate });
    }
    if (row.acceptable) return t('stopRules.falseAlarms', { perYear, rate: inPerCent(row.rate) });
    return t('stopRules.finds', {
      rate: inPerCent(row.rate),
      mean: inNumbers(Math.round(row.casesMean)),
      p90: inNumbers(row.casesP90),
    });
  };
  return (
    <ul className="plain small">
      {rows.map((row) => (
        <li key={`${row.rule} ${row.rate}`}>{sentence(row)}</li>
      ))}
    </ul>
  );
}
