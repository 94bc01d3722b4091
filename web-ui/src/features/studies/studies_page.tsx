/** What came in and what became of it; and what could not be used, with the act that helps. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, askOnClock } from '../../api/client';
import { quarantineQuery, studiesQuery, studyFlagsQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { Study } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Tabs } from '../../components/tabs';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { StudyPanel } from './study_panel';
import './studies.css';

const TABS = ['studies', 'quarantine'] as const;
/** Runs move quickly: progress is asked for more often than lists. */
const PROGRESS_INTERVAL_MS = POLL_INTERVAL_MS / 5;

/** What comes in and what runs is followed closely; studies that rest are only looked at for new ones. */
function nextLook(studies: readonly Study[]): number {
  const goesOn = studies
    .flatMap(({ series }) => series)
    .some(
      ({ state, runs }) =>
        state === 'RECEIVING' ||
        runs.some((run) => run.state === 'QUEUED' || run.state === 'RUNNING'),
    );
  return goesOn ? PROGRESS_INTERVAL_MS : POLL_INTERVAL_MS;
}

export function StudiesPage() {
  const { t } = useTranslation();
  const [tab, setTab] = useState<(typeof TABS)[number]>('studies');
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('studies.title')}</h1>
        <Tabs
          names={TABS}
          chosen={tab}
          wordOf={(name) => t(`studies.tab.${name}`)}
          onChoose={setTab}
        />
      </div>
      <div role="tabpanel" id={`panel-${tab}`} aria-labelledby={`tab-${tab}`}>
        {tab === 'studies' ? <StudyList /> : <QuarantineList />}
      </div>
    </main>
  );
}

function StudyList() {
  const { t } = useTranslation();
  const studies = useQuery({
    queryKey: ['studies'],
    queryFn: () => askOnClock(studiesQuery, { first: 50, after: null }),
    refetchInterval: ({ state }) => nextLook(state.data?.studies.nodes ?? []),
  });
  const flags = useQuery({
    queryKey: ['study-flags'],
    queryFn: () => ask(studyFlagsQuery, {}),
    enabled: hasRole(useViewer(), 'COORDINATOR', 'QUALITY', 'ADMINISTRATOR'),
  });
  const flagOf = (id: string) =>
    flags.data?.studyFlags.find(({ studyId }) => studyId === id) ?? null;
  if (studies.isPending) return <Loading rows={6} />;
  if (studies.isError) {
    return <Fault error={studies.error} onRetry={() => void studies.refetch()} />;
  }
  const { nodes } = studies.data.studies;
  if (nodes.length === 0) {
    return <Empty title={t('studies.empty.title')}>{t('studies.empty.text')}</Empty>;
  }
  return (
    <div className="study-list">
      {nodes.map((study) => (
        <StudyPanel key={study.id} study={study} flag={flagOf(study.id)} />
      ))}
    </div>
  );
}

function size(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function QuarantineList() {
  const { t } = useTranslation();
  const quarantine = useQuery({
    queryKey: ['quarantine'],
    queryFn: () => askOnClock(quarantineQuery, { first: 100, after: null }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  if (quarantine.isPending) return <Loading rows={4} />;
  if (quarantine.isError) {
    return <Fault error={quarantine.error} onRetry={() => void quarantine.refetch()} />;
  }
  const { nodes } = quarantine.data.quarantine;
  if (nodes.length === 0) {
    return (
      <Empty title={t('studies.quarantineEmpty.title')}>{t('studies.quarantineEmpty.text')}</Empty>
    );
  }
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('studies.received')}</th>
          <th scope="col">{t('studies.sender')}</th>
          <th scope="col">{t('studies.reason')}</th>
          <th scope="col">{t('studies.remedy')}</th>
          <th scope="col" className="number">
            {t('studies.size')}
          </th>
        </tr>
      </thead>
      <tbody>
        {nodes.map((object) => (
          <tr key={object.id}>
            <td>
              <Time at={object.receivedAt} />
            </td>
            <td className="mono">{object.sender}</td>
            <td>
              {object.reason} <code className="muted">{object.reasonCode}</code>
            </td>
            <td>{object.remedy}</td>
            <td className="number">{size(object.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
