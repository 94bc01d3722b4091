/** What this reader may take or holds; one row a case, most urgent first. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { worklistQuery } from '../../api/documents';
import { POLL_INTERVAL_MS, useLiveWorklist } from '../../api/live';
import type { Availability, CaseRow } from '../../api/types';
import { Icon } from '../../components/icon';
import { Empty, Fault, Loading } from '../../components/note';
import { CasePanel } from './case_panel';
import { useSteadyRows } from './steady_rows';
import { mostUrgent, rowsOf, WORKLIST_VIEWS, type WorklistView } from './views';
import { WorklistTable } from './worklist_table';
import './worklist.css';

const ROWS_ASKED_FOR = 100;
const START_WORDS = {
  AVAILABLE: 'worklist.start',
  UNAVAILABLE: 'worklist.start',
  MINE: 'worklist.resume',
  SIGNED: 'worklist.openSigned',
} as const satisfies Record<Availability, string>;

export function useWorklist() {
  return useQuery({
    queryKey: ['worklist'],
    queryFn: () => ask(worklistQuery, { first: ROWS_ASKED_FOR, after: null }),
    refetchInterval: POLL_INTERVAL_MS,
  });
}

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return !!target?.closest('input, textarea, select, dialog[open]');
}

/** ↑ and ↓ walk the rows, Enter opens what is selected, else what is most urgent. */
function useRowKeys(
  rows: CaseRow[],
  selected: string | null,
  select: (id: string) => void,
  open: () => void,
) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (isTyping(event)) return;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        const step = event.key === 'ArrowDown' ? 1 : -1;
        const index = rows.findIndex((row) => row.id === selected);
        const next = rows[Math.max(0, Math.min(rows.length - 1, index + step))];
        if (next) select(next.id);
      } else if (
        event.key === 'Enter' &&
        !(event.target as HTMLElement | null)?.closest('button, a')
      ) {
        open();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [rows, selected, select, open]);
}

export function WorklistPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const worklist = useWorklist();
  useLiveWorklist();
  const [view, setView] = useState<WorklistView>('ready');
  const [selected, setSelected] = useState<string | null>(null);
  const steady = useSteadyRows(worklist.data?.worklist.nodes ?? []);
  const rows = rowsOf(view, steady.rows);
  // What the big button opens is always the row that is marked and described beside the list.
  const target = rows.find((row) => row.id === selected) ?? mostUrgent(rows) ?? rows[0] ?? null;
  const open = () => {
    if (target) void navigate({ to: '/read/$caseId', params: { caseId: target.id } });
  };
  useRowKeys(rows, target?.id ?? null, setSelected, open);

  return (
    <main className="worklist">
      <aside className="views" aria-label={t('worklist.views')}>
        {WORKLIST_VIEWS.map((name) => (
          <button
            key={name}
            type="button"
            className="quiet view"
            aria-pressed={view === name}
            onClick={() => setView(name)}
          >
            {t(`worklist.view.${name}`)}
            <span className="count">{rowsOf(name, steady.rows).length}</span>
          </button>
        ))}
      </aside>
      <section className="rows" {...steady.hover}>
        <div className="page-head">
          <h1>{t(`worklist.view.${view}`)}</h1>
          {steady.waiting && (
            <button type="button" onClick={steady.refresh}>
              {t('worklist.changed')}
            </button>
          )}
          <span className="spring" />
          <button type="button" className="primary start" disabled={!target} onClick={open}>
            <Icon name="play" />
            {t(START_WORDS[target?.availability ?? 'AVAILABLE'])}
            <kbd>Enter</kbd>
          </button>
        </div>
        {worklist.isPending && <Loading rows={6} />}
        {worklist.isError && (
          <Fault error={worklist.error} onRetry={() => void worklist.refetch()} />
        )}
        {worklist.isSuccess && rows.length === 0 && (
          <Empty title={t(`worklist.empty.${view}.title`)}>
            {t(`worklist.empty.${view}.text`)}
          </Empty>
        )}
        {rows.length > 0 && (
          <div className="table-scroll">
            <WorklistTable
              rows={rows}
              selected={target?.id ?? null}
              onSelect={setSelected}
              onOpen={(caseId) => void navigate({ to: '/read/$caseId', params: { caseId } })}
            />
          </div>
        )}
      </section>
      {target && <CasePanel row={target} onOpen={open} />}
    </main>
  );
}
