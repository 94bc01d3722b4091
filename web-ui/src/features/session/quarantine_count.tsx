/** How much waits in quarantine, and for how long, on every page of those who own it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { askInBackground } from '../../api/client';
import { type QuarantineSummary, quarantineSummaryQuery } from '../../api/quarantine';
import type { Viewer } from '../../api/types';
import { Icon } from '../../components/icon';
import { useRelativeTime } from '../../components/time';
import { hasRole, useViewer } from './session';

const LOOK_INTERVAL_MS = 60_000;

export const ownsQuarantine = (viewer: Viewer) =>
  hasRole(viewer, 'ADMINISTRATOR', 'COORDINATOR', 'QUALITY');

/** What waits; nothing for those who don't own it. */
export function useQuarantineSummary(): QuarantineSummary | null {
  const summary = useQuery({
    queryKey: ['quarantine-summary'],
    queryFn: () => askInBackground(quarantineSummaryQuery, {}),
    enabled: ownsQuarantine(useViewer()),
    refetchInterval: LOOK_INTERVAL_MS,
  });
  return summary.data?.quarantineSummary ?? null;
}

export function QuarantineCount() {
  const summary = useQuarantineSummary();
  if (!summary?.oldestReceivedAt) return null;
  return <Count summary={summary} since={summary.oldestReceivedAt} />;
}

function Count({ summary, since }: { summary: QuarantineSummary; since: string }) {
  const { t } = useTranslation();
  const { relative, exact } = useRelativeTime(since);
  const isLate = summary.overdue > 0;
  return (
    <Link
      to="/studies"
      search={{ tab: 'quarantine' }}
      className={`badge quarantine-count ${isLate ? 'bad' : 'wait'}`}
      title={
        isLate
          ? t('quarantine.overdue', { count: summary.overdue, hours: summary.alarmHours })
          : exact
      }
    >
      <Icon name={isLate ? 'warning' : 'pause'} />
      {t('quarantine.header', { count: summary.waiting, age: relative })}
    </Link>
  );
}
