/** Whether the ledger is whole, signed in time and kept in a second place; else what is wrong. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { askInBackground } from '../../api/client';
import { ledgerHealthQuery } from '../../api/documents';
import type { LedgerHealth, LedgerSource, LedgerWitness } from '../../api/types';
import { Badge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { Fault } from '../../components/note';
import { Time } from '../../components/time';
import './ledger.css';

const LOOK_EVERY_MS = 30_000;

export function LedgerHealthLine() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['ledger-health'],
    queryFn: () => askInBackground(ledgerHealthQuery, {}),
    refetchInterval: LOOK_EVERY_MS,
    staleTime: LOOK_EVERY_MS,
  });
  if (query.isPending) return <p className="note muted">{t('ledgerHealth.looking')}</p>;
  if (query.isError) return <Fault error={query.error} onRetry={() => void query.refetch()} />;
  const health = query.data.ledgerHealth;
  const whole = health.alarms.length === 0;
  return (
    <section
      className={`note ${whole ? 'note-good' : 'note-bad'}`}
      aria-label={t('ledgerHealth.title')}
    >
      {whole ? <WholeLine health={health} /> : <AlarmList alarms={health.alarms} />}
      <WitnessLine witness={health.witness} />
      <details className="ledger-sources">
        <summary>{t('ledgerHealth.sources', { count: health.sources.length })}</summary>
        <SourceTable sources={health.sources} />
      </details>
    </section>
  );
}

function WholeLine({ health }: { health: LedgerHealth }) {
  const { t, i18n } = useTranslation();
  const clock = { hour: '2-digit', minute: '2-digit', hour12: false } as const;
  const { size, signed, signedAt, exported } = health;
  const time = signedAt ? new Date(signedAt).toLocaleTimeString(i18n.language, clock) : null;
  return (
    <p>
      <Badge icon="check" tone="good">
        {t('ledgerHealth.whole')}
      </Badge>{' '}
      {t('ledger.entries', { count: size })},{' '}
      {time ? t('ledgerHealth.signedAt', { signed, time }) : t('ledgerHealth.unsigned')},{' '}
      {exported > 0 ? t('ledgerHealth.kept', { exported }) : t('ledgerHealth.notKept')}
    </p>
  );
}

/** Whether somebody who is not the operator watches. */
function WitnessLine({ witness }: { witness: LedgerWitness | null }) {
  const { t } = useTranslation();
  if (!witness) return <p className="muted small">{t('ledgerHealth.noWitness')}</p>;
  const { name, size, cosignedAt } = witness;
  return (
    <p className="small">
      {cosignedAt ? (
        <>
          {t('ledgerHealth.cosigned', { name, size })} <Time at={cosignedAt} />
        </>
      ) : (
        t('ledgerHealth.notCosigned', { name })
      )}
    </p>
  );
}

function AlarmList({ alarms }: { alarms: readonly string[] }) {
  return (
    <div role="alert">
      <ul className="alarms bad">
        {alarms.map((alarm) => (
          <li key={alarm}>
            <Icon name="warning" /> {alarm}
          </li>
        ))}
      </ul>
    </div>
  );
}

function SourceTable({ sources }: { sources: readonly LedgerSource[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('ledgerHealth.service')}</th>
          <th scope="col" className="number">
            {t('ledgerHealth.last')}
          </th>
          <th scope="col">{t('ledger.gaps')}</th>
        </tr>
      </thead>
      <tbody>
        {sources.map(({ service, last, gaps }) => (
          <tr key={service}>
            <td>{service}</td>
            <td className="number">{last}</td>
            <td>
              {gaps.length === 0 && <span className="muted">{t('ledgerHealth.noGaps')}</span>}
              {gaps.map((gap) => (
                <p key={gap.first} className="bad">
                  {t('ledgerHealth.gap', { first: gap.first, last: gap.last })}{' '}
                  <Time at={gap.since} />
                </p>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
