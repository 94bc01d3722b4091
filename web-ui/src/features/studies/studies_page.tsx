/** What came in and what became of it; and what could not be used, with the act that helps. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask, askOnClock } from '../../api/client';
import { studiesQuery, studyFlagsQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { Study } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Tabs } from '../../components/tabs';
import { hasRole, useViewer } from '../session/session';
import { QuarantineList } from './quarantine_list';
import { STUDIES_TABS } from './studies_tabs';
import { StudyPanel } from './study_panel';
import './studies.css';

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
  const navigate = useNavigate();
  const { tab = 'studies' } = useSearch({ from: '/shell/studies' });
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('studies.title')}</h1>
        <Tabs
          names={STUDIES_TABS}
          chosen={tab}
          wordOf={(name) => t(`studies.tab.${name}`)}
          onChoose={(name) => void navigate({ to: '/studies', search: { tab: name } })}
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
