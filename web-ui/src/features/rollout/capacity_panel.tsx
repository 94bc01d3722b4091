/** What stands before the workers of each pool, and which runs wait until one has room. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { capacityQuery, type PoolCapacity, type PriorityCapacity } from '../../api/capacity';
import { askOnClock } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { Deployment } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { duration } from '../quality/figure_words';
import { hasRole, useViewer } from '../session/session';
import { waitInWords, waitsByDeployment } from './capacity_words';

interface CapacityPanelProps {
  deployments: readonly Deployment[];
}

export function CapacityPanel({ deployments }: CapacityPanelProps) {
  const { t } = useTranslation();
  const maySee = hasRole(useViewer(), 'ADMINISTRATOR', 'QUALITY');
  const asked = useQuery({
    queryKey: ['capacity'],
    queryFn: () => askOnClock(capacityQuery, {}),
    refetchInterval: POLL_INTERVAL_MS,
    enabled: maySee,
  });
  if (!maySee) return null;
  const capacity = asked.data?.capacity;
  return (
    <section className="panel" aria-labelledby="capacity-title">
      <h2 id="capacity-title">{t('capacity.title')}</h2>
      {asked.isPending && <Loading rows={2} />}
      {asked.isError && <Fault error={asked.error} onRetry={() => void asked.refetch()} />}
      {capacity?.pools.length === 0 && (
        <Empty title={t('capacity.empty.title')}>{t('capacity.empty.text')}</Empty>
      )}
      {capacity && capacity.pools.length > 0 && (
        <Pools pools={capacity.pools} windowHours={capacity.windowHours} />
      )}
      {waitsByDeployment(capacity?.waits ?? []).map(({ deploymentId, runs, since }) => (
        <p key={deploymentId} className="wait">
          {t('capacity.held', {
            count: runs,
            name: deployments.find(({ id }) => id === deploymentId)?.name ?? deploymentId,
          })}{' '}
          <Time at={since} />
        </p>
      ))}
    </section>
  );
}

function Pools({ pools, windowHours }: { pools: readonly PoolCapacity[]; windowHours: number }) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, {
    style: 'percent',
    maximumFractionDigits: 0,
  });
  return (
    <table>
      <caption className="small muted">{t('capacity.measured', { hours: windowHours })}</caption>
      <thead>
        <tr>
          <th scope="col">{t('capacity.pool')}</th>
          <th scope="col" className="number">
            {t('capacity.waiting')}
          </th>
          <th scope="col">{t('capacity.oldest')}</th>
          <th scope="col" className="number">
            {t('capacity.running')}
          </th>
          <th scope="col" className="number">
            {t('capacity.workers')}
          </th>
          <th scope="col" className="number">
            {t('capacity.perJob')}
          </th>
          <th scope="col" className="number">
            {t('capacity.use')}
          </th>
          <th scope="col">{t('capacity.expected')}</th>
        </tr>
      </thead>
      {pools.map((pool) => (
        <tbody key={pool.pool}>
          <tr>
            <th scope="row" className="mono">
              {pool.pool}
            </th>
            <td className="number">{pool.waiting}</td>
            <td>{pool.oldestRequestedAt ? <Time at={pool.oldestRequestedAt} /> : '–'}</td>
            <td className="number">{pool.running}</td>
            <td className="number">≥ {pool.workersSeen}</td>
            <td className="number">
              {pool.secondsPerJob === null ? '–' : duration(pool.secondsPerJob, i18n.language)}
            </td>
            <td className="number">
              {pool.utilisation === null ? '–' : percent.format(pool.utilisation)}
            </td>
            <td>
              {waitInWords(pool.expectedWait, i18n.language)}
              {!pool.expectedWait.isMeasured && (
                <div className="muted small">{t('capacity.notMeasured')}</div>
              )}
            </td>
          </tr>
          {pool.byPriority.map((of) => (
            <PriorityRow key={of.priority} of={of} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

/** What waits at one priority; quiet where nothing does. */
function PriorityRow({ of }: { of: PriorityCapacity }) {
  const { t, i18n } = useTranslation();
  return (
    <tr className={of.waiting === 0 ? 'of-pool small muted' : 'of-pool small'}>
      <th scope="row">{t(`priority.${of.priority}`)}</th>
      <td className="number">{of.waiting}</td>
      <td>{of.oldestRequestedAt ? <Time at={of.oldestRequestedAt} /> : '–'}</td>
      <td colSpan={4} />
      <td>{waitInWords(of.expectedWait, i18n.language)}</td>
    </tr>
  );
}
