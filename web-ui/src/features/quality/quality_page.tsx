/** How readers agree, how often something was invented, how long it takes: for quality. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { qualityFiguresQuery } from '../../api/documents';
import type { GroupBy } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Definition } from './definition';
import { type Days, GROUPS, lastDays, momentsOf } from './figure_reference';
import { AgreementTable, RateTable, TimeTable } from './figure_tables';
import { OverdueTable } from './overdue_table';
import { SentinelPanel } from './sentinel_panel';
import { Unusual, WatchPanels } from './watch_panels';
import './quality.css';

const FIRST_PERIOD_DAYS = 90;

export function QualityPage() {
  const { t } = useTranslation();
  const { by = 'ALL', ...asked } = useSearch({ from: '/shell/quality' });
  const days: Days = { ...lastDays(FIRST_PERIOD_DAYS, new Date()), ...asked };
  const figures = useQuery({
    queryKey: ['quality-figures', days.from, days.to],
    queryFn: () => ask(qualityFiguresQuery, momentsOf(days)),
    enabled: days.from <= days.to,
  });
  const found = figures.data?.qualityFigures;
  const period = new URLSearchParams(momentsOf(days));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.quality')}</h1>
        <span className="spring" />
        <Link to="/learning">{t('learning.title')}</Link>
        <Link to="/recalls">{t('recalls.open')}</Link>
        <PeriodChoice days={days} by={by} />
        <a className="button-link" href={`/quality/report/pdf?${period}`} download>
          {t('figures.pdf')}
        </a>
        <a className="button-link" href={`/quality/report?${period}`} download>
          {t('figures.html')}
        </a>
      </div>
      <GroupTabs days={days} by={by} />
      {figures.isPending && figures.fetchStatus !== 'idle' && <Loading rows={8} />}
      {figures.isError && <Fault error={figures.error} onRetry={() => void figures.refetch()} />}
      {found && (
        <p className="muted heading-with-definition">
          {t('figures.cases', { count: found.cases })}
          <Definition of="cases" label={t('figures.period')} definitions={found.definitions} />
        </p>
      )}
      {found?.cases === 0 && (
        <Empty title={t('figures.empty.title')}>{t('figures.empty.text')}</Empty>
      )}
      {found && found.cases > 0 && (
        <>
          <Unusual days={days} />
          <AgreementTable figures={found} by={by} days={days} />
          <RateTable figures={found} by={by} days={days} />
          <TimeTable figures={found} by={by} days={days} />
          <OverdueTable figures={found} by={by} days={days} />
          <WatchPanels days={days} />
        </>
      )}
      {found && <SentinelPanel days={days} by={by} />}
    </main>
  );
}

function PeriodChoice({ days, by }: { days: Days; by: GroupBy }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const change = (changed: Partial<Days>) =>
    void navigate({ to: '/quality', search: { by, ...days, ...changed } });
  return (
    <fieldset className="row-actions period">
      <legend className="visually-hidden">{t('figures.period')}</legend>
      <span className="muted">{t('figures.period')}</span>
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

function GroupTabs({ days, by }: { days: Days; by: GroupBy }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <fieldset className="row-actions period">
      <legend className="visually-hidden">{t('figures.by')}</legend>
      <span className="muted">{t('figures.by')}</span>
      {GROUPS.map((group) => (
        <button
          key={group}
          type="button"
          aria-pressed={group === by}
          onClick={() => void navigate({ to: '/quality', search: { ...days, by: group } })}
        >
          {t(`figures.groupBy.${group}`)}
        </button>
      ))}
    </fieldset>
  );
}
