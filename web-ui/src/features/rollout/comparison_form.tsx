/** An administrator declares a comparison; how the plan behaves is shown before it is saved. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  type ComparisonDesign,
  comparisonDesignQuery,
  startComparisonMutation,
} from '../../api/comparison_documents';
import type { Deployment } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { FIRST_PLAN, planOf, type TypedPlan } from './comparison_plan';
import { inPerCent } from './numbers';

const FIELDS = [
  'margin',
  'alpha',
  'looks',
  'readers',
  'draw',
  'neither',
  'futility',
  'hoped',
] as const;

export function ComparisonForm({ deployments }: { deployments: readonly Deployment[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [champion, setChampion] = useState('');
  const [challenger, setChallenger] = useState('');
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState<TypedPlan>(FIRST_PLAN);
  const asked = planOf(typed);
  const design = useQuery({
    queryKey: ['comparison-design', asked],
    queryFn: () => ask(comparisonDesignQuery, asked ?? { plan: neverAsked(), noPreference: 0 }),
    enabled: asked !== null,
    retry: false,
  });
  const start = useMutation({
    mutationFn: async () => {
      if (!asked) throw new Error(t('compare.panel.fixed'));
      const input = { championId: champion, challengerId: challenger, plan: asked.plan, reason };
      return (await ask(startComparisonMutation, { input })).startComparison;
    },
    onSuccess: ({ comparison }) => {
      if (!comparison) return;
      setReason('');
      void queries.invalidateQueries({ queryKey: ['comparisons'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate();
  };
  const shadow = deployments.filter(({ stage }) => stage === 'SHADOW');
  return (
    <form className="comparison-form" onSubmit={submit}>
      <h3>{t('compare.panel.begin')}</h3>
      <DeploymentChoice
        label={t('compare.panel.champion')}
        deployments={deployments.filter(({ id }) => id !== challenger)}
        chosen={champion}
        onChoose={setChampion}
      />
      <DeploymentChoice
        label={t('compare.panel.challenger')}
        deployments={shadow.filter(({ id }) => id !== champion)}
        chosen={challenger}
        onChoose={setChallenger}
      />
      {FIELDS.map((field) => (
        <label key={field}>
          {t(`compare.panel.${field}`)}
          <input
            value={typed[field]}
            required
            onChange={(event) => setTyped({ ...typed, [field]: event.target.value })}
          />
        </label>
      ))}
      <label>
        {t('compare.panel.reason')}
        <input value={reason} required onChange={(event) => setReason(event.target.value)} />
      </label>
      {design.data && <Design design={design.data.comparisonDesign} />}
      {design.isError && <Fault error={design.error} onRetry={() => void design.refetch()} />}
      <p className="muted small">{t('compare.panel.fixed')}</p>
      <button
        type="submit"
        className="primary"
        disabled={!champion || !challenger || !design.isSuccess || start.isPending}
      >
        {t('compare.panel.start')}
      </button>
      {start.data?.refusal && <RefusalNote refusal={start.data.refusal} />}
      {start.isError && <Fault error={start.error} onRetry={() => start.reset()} />}
    </form>
  );
}

/** The query is disabled without a plan. */
function neverAsked(): never {
  throw new Error('a design without a plan was asked for');
}

interface DeploymentChoiceProps {
  label: string;
  deployments: readonly Deployment[];
  chosen: string;
  onChoose: (id: string) => void;
}

function DeploymentChoice({ label, deployments, chosen, onChoose }: DeploymentChoiceProps) {
  const { t } = useTranslation();
  return (
    <label>
      {label}
      <select value={chosen} required onChange={(event) => onChoose(event.target.value)}>
        <option value="">{t('compare.panel.choose')}</option>
        {deployments.map(({ id, name, model }) => (
          <option key={id} value={id}>
            {name} · {model.name} {model.version}
          </option>
        ))}
      </select>
    </label>
  );
}

function Design({ design }: { design: ComparisonDesign }) {
  const { t } = useTranslation();
  return (
    <div className="comparison-design">
      <table>
        <caption>{t('compare.panel.design')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('compare.panel.look')}</th>
            <th scope="col" className="number">
              {t('compare.panel.needed')}
            </th>
            <th scope="col" className="number">
              {t('compare.panel.futileAt')}
            </th>
            <th scope="col" className="number">
              {t('compare.panel.spent')}
            </th>
          </tr>
        </thead>
        <tbody>
          {design.looks.map((look) => (
            <tr key={look.pairs}>
              <td>{t('compare.panel.pairs', { count: look.pairs })}</td>
              <td className="number">
                {look.needed ?? '–'} / {look.preferences}
              </td>
              <td className="number">{look.futile ?? '–'}</td>
              <td className="number">{look.spent.toFixed(5)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table>
        <thead>
          <tr>
            <th scope="col" className="number">
              {t('compare.panel.truth')}
            </th>
            <th scope="col" className="number">
              {t('compare.panel.shown')}
            </th>
            <th scope="col" className="number">
              {t('compare.panel.futile')}
            </th>
            <th scope="col" className="number">
              {t('compare.panel.meanPairs')}
            </th>
          </tr>
        </thead>
        <tbody>
          {design.behaviour.map((row) => (
            <tr key={row.truth}>
              <td className="number">{inPerCent(row.truth)}</td>
              <td className="number">{inPerCent(row.shown)}</td>
              <td className="number">{inPerCent(row.futile)}</td>
              <td className="number">{row.pairs.toFixed(0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
