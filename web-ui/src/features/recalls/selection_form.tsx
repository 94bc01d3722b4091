/** What is to be taken back: a version, a deployment, a span of time, or several at once. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { deploymentsQuery, modelsQuery } from '../../api/documents';
import { Fault } from '../../components/note';
import { fieldOf, instantOf, type RecallsSearch } from './recalls_search';

export function SelectionForm({ search }: { search: RecallsSearch }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const models = useQuery({ queryKey: ['models'], queryFn: () => ask(modelsQuery, {}) });
  const deployments = useQuery({
    queryKey: ['deployments'],
    queryFn: () => ask(deploymentsQuery, {}),
  });
  const [model, setModel] = useState(search.model ?? '');
  const [deployment, setDeployment] = useState(search.deployment ?? '');
  const [from, setFrom] = useState(fieldOf(search.from));
  const [until, setUntil] = useState(fieldOf(search.until));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const begins = instantOf(from, search.from, false);
    const ends = instantOf(until, search.until, true);
    void navigate({
      to: '/recalls',
      search: {
        ...(model ? { model } : {}),
        ...(deployment ? { deployment } : {}),
        ...(begins ? { from: begins } : {}),
        ...(ends ? { until: ends } : {}),
      },
    });
  };
  const failed = [models, deployments].find(({ isError }) => isError);
  return (
    <form className="panel selection" aria-label={t('recalls.select')} onSubmit={submit}>
      <label>
        {t('recalls.version')}
        <select value={model} onChange={(event) => setModel(event.target.value)}>
          <option value="">{t('recalls.any')}</option>
          {models.data?.models.map(({ id, name, version }) => (
            <option key={id} value={id}>
              {name} {version}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('recalls.deployment')}
        <select value={deployment} onChange={(event) => setDeployment(event.target.value)}>
          <option value="">{t('recalls.any')}</option>
          {deployments.data?.deployments.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <Instant label={t('recalls.from')} value={from} onChange={setFrom} />
      <Instant label={t('recalls.until')} value={until} onChange={setUntil} />
      <button type="submit" disabled={!model && !deployment && !from && !until}>
        {t('recalls.look')}
      </button>
      {failed?.error && <Fault error={failed.error} onRetry={() => void failed.refetch()} />}
    </form>
  );
}

interface InstantProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function Instant({ label, value, onChange }: InstantProps) {
  return (
    <label>
      {label}
      <input
        type="datetime-local"
        step={1}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  );
}
