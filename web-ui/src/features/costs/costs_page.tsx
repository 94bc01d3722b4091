/** What deployments cost and give: all of them, or one, in a period; with prices, plans and files for the board. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { economicsQuery } from '../../api/costs_documents';
import type { Economics } from '../../api/costs_types';
import { Empty, Fault, Loading } from '../../components/note';
import { type Days, lastDays, momentsOf } from '../quality/figure_reference';
import { AllDeployments } from './all_deployments';
import { OneDeployment } from './one_deployment';
import '../rollout/rollout.css';
import './costs.css';

const FIRST_PERIOD_DAYS = 90;

export function CostsPage() {
  const { t } = useTranslation();
  const { deployment, ...asked } = useSearch({ from: '/shell/rollout/costs' });
  const days: Days = { ...lastDays(FIRST_PERIOD_DAYS, new Date()), ...asked };
  const economics = useQuery({
    queryKey: ['economics', days.from, days.to],
    queryFn: () => ask(economicsQuery, momentsOf(days)),
    enabled: days.from <= days.to,
  });
  const found = economics.data?.economics;
  const period = new URLSearchParams(momentsOf(days));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('costs.title')}</h1>
        <Link to="/rollout">{t('nav.rollout')}</Link>
        <span className="spring" />
        <Period days={days} deployment={deployment} />
        <a className="button-link" href={`/rollout/costs/report/pdf?${period}`} download>
          {t('costs.pdf')}
        </a>
        <a className="button-link" href={`/rollout/costs/report?${period}`} download>
          {t('costs.html')}
        </a>
        <a className="button-link" href={`/rollout/costs/csv?${period}`} download>
          {t('costs.csv')}
        </a>
      </div>
      {economics.isPending && economics.fetchStatus !== 'idle' && <Loading rows={8} />}
      {economics.isError && (
        <Fault error={economics.error} onRetry={() => void economics.refetch()} />
      )}
      {found && <Found economics={found} days={days} deployment={deployment} />}
    </main>
  );
}

interface FoundProps {
  economics: Economics;
  days: Days;
  deployment: string | undefined;
}

function Found({ economics, days, deployment }: FoundProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const choose = (chosen: string | undefined) =>
    void navigate({
      to: '/rollout/costs',
      search: { ...days, ...(chosen ? { deployment: chosen } : {}) },
    });
  const one = economics.deployments.find(({ deploymentId }) => deploymentId === deployment);
  if (economics.deployments.length === 0) {
    return <Empty title={t('rollout.empty.title')}>{t('rollout.empty.text')}</Empty>;
  }
  return (
    <>
      <fieldset className="row-actions period">
        <legend className="visually-hidden">{t('costs.of')}</legend>
        <button type="button" aria-pressed={!one} onClick={() => choose(undefined)}>
          {t('costs.all')}
        </button>
        {economics.deployments.map(({ deploymentId, name }) => (
          <button
            key={deploymentId}
            type="button"
            aria-pressed={deploymentId === one?.deploymentId}
            onClick={() => choose(deploymentId)}
          >
            {name}
          </button>
        ))}
      </fieldset>
      {one ? (
        <OneDeployment key={one.deploymentId} one={one} economics={economics} />
      ) : (
        <AllDeployments economics={economics} onChoose={choose} />
      )}
      <details className="panel">
        <summary>{t('costs.meanings')}</summary>
        <dl className="meanings">
          {economics.meanings.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}

function Period({ days, deployment }: { days: Days; deployment: string | undefined }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const change = (changed: Partial<Days>) =>
    void navigate({
      to: '/rollout/costs',
      search: { ...days, ...changed, ...(deployment ? { deployment } : {}) },
    });
  return (
    <fieldset className="row-actions period">
      <legend className="visually-hidden">{t('figures.period')}</legend>
      {(['from', 'to'] as const).map((end) => (
        <label key={end} className="in-a-row">
          {t(`figures.${end}`)}
          <input
            type="date"
            value={days[end]}
            min={end === 'to' ? days.from : undefined}
            max={end === 'from' ? days.to : undefined}
            onChange={(event) => event.target.value && change({ [end]: event.target.value })}
          />
        </label>
      ))}
    </fieldset>
  );
}
