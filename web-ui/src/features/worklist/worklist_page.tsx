/** What this reader may take or holds; one row a case, most urgent first. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { comparisonPairsQuery } from '../../api/comparison_documents';
import { useLiveWorklist } from '../../api/live';
import type { Availability, Purpose } from '../../api/types';
import { readersListQuery, type WorklistRow } from '../../api/worklist_documents';
import { Icon } from '../../components/icon';
import { Empty, Fault, Loading } from '../../components/note';
import { PairList } from '../compare/pair_list';
import { CasePanel } from './case_panel';
import { type Chip, chipsOf, narrowed } from './narrow';
import { useSteadyRows } from './steady_rows';
import { useRowKeys } from './use_row_keys';
import { mostUrgent, rowsOf, WORKLIST_VIEWS, type WorklistView } from './views';
import { WorklistFilter } from './worklist_filter';
import { WorklistTable } from './worklist_table';
import './worklist.css';

const ROWS_ASKED_FOR = 80;
const PAIRS_EVERY_MS = 60_000;
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;
const START_WORDS = {
  AVAILABLE: 'worklist.start',
  UNAVAILABLE: 'worklist.start',
  MINE: 'worklist.resume',
  SIGNED: 'worklist.openSigned',
} as const satisfies Record<Availability, string>;

function useWorklist(purpose: Purpose) {
  const refetchInterval = useLiveWorklist();
  return useQuery({
    queryKey: ['worklist', 'rows', purpose],
    queryFn: () => askOnClock(readersListQuery, { purpose, first: ROWS_ASKED_FOR, after: null }),
    refetchInterval,
  });
}

/** Pairs that are compared for no patient: nothing waits for them, so they are asked for less often. */
function usePairs() {
  const pairs = useQuery({
    queryKey: ['comparison-pairs'],
    queryFn: () => askOnClock(comparisonPairsQuery, {}),
    refetchInterval: PAIRS_EVERY_MS,
  });
  return pairs.data?.comparisonPairs ?? [];
}

/** While the list is looked at, the reading room is fetched and made ready: the first case opens as fast as the next. */
function useReadyRoom(isListed: boolean) {
  useEffect(() => {
    if (!isListed) return;
    import('../reading/reading_page').then(
      ({ makeReady }) => makeReady(),
      // Not to be had now: opening a case asks again, and tells.
      () => undefined,
    );
  }, [isListed]);
}

export function WorklistPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const worklist = useWorklist('CLINICAL');
  const evaluations = useWorklist('EVALUATION');
  const pairs = usePairs();
  useReadyRoom(worklist.isSuccess);
  const [view, setView] = useState<WorklistView>('ready');
  const [selected, setSelected] = useState<string | null>(null);
  const [words, setWords] = useState('');
  const [chips, setChips] = useState<Chip[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const listed = useMemo(
    () => [...(worklist.data?.worklist.nodes ?? []), ...(evaluations.data?.worklist.nodes ?? [])],
    [worklist.data, evaluations.data],
  );
  const steady = useSteadyRows(listed);
  const now = new Date();
  const ofView = rowsOf(view, steady.rows);
  const rows = narrowed(ofView, words, chips, now);
  const ids = useMemo(() => rows.map(({ id }) => id), [rows]);
  // What the big button opens is always the row that is marked and described beside the list.
  const target = rows.find((row) => row.id === selected) ?? mostUrgent(rows) ?? rows[0] ?? null;
  const openCase = (caseId: string) => void navigate({ to: '/read/$caseId', params: { caseId } });
  const open = () => target && openCase(target.id);
  useRowKeys({ ids, selected: target?.id ?? null, select: setSelected, open, search: field });

  return (
    <main className="worklist">
      <Views chosen={view} rows={steady.rows} pairs={pairs.length} onChoose={setView} />
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
        <WorklistFilter
          words={words}
          onWords={setWords}
          offered={chipsOf(ofView, now)}
          chosen={chips}
          onChips={setChips}
          field={field}
        />
        {worklist.isPending && <Loading rows={6} />}
        {worklist.isError && (
          <Fault error={worklist.error} onRetry={() => void worklist.refetch()} />
        )}
        {view === 'evaluation' && <PairList pairs={pairs} />}
        {worklist.isSuccess &&
          rows.length === 0 &&
          !(view === 'evaluation' && pairs.length > 0) && (
            <NoRows
              view={view}
              filtered={ofView.length > 0}
              open={rowsOf('mine', steady.rows).length}
              lookedAt={worklist.dataUpdatedAt}
              onMine={() => setView('mine')}
            />
          )}
        {rows.length > 0 && (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than its place is scrolled by keys
          <section className="table-scroll" tabIndex={0} aria-label={t('worklist.caption')}>
            <WorklistTable
              rows={rows}
              selected={target?.id ?? null}
              onSelect={setSelected}
              onOpen={openCase}
            />
          </section>
        )}
        {worklist.data?.worklist.pageInfo.hasNextPage && (
          <p className="muted small">{t('worklist.firstOnly', { count: ROWS_ASKED_FOR })}</p>
        )}
      </section>
      {target && <CasePanel key={target.id} row={target} onOpen={open} />}
    </main>
  );
}

interface NoRowsProps {
  view: WorklistView;
  filtered: boolean;
  /** Cases that this reader has begun. */
  open: number;
  /** When the list was given, ms since 1970. */
  lookedAt: number;
  onMine: () => void;
}

/** Says when to look again, and nothing of why: that others hold what there is, or have read it, shows nowhere. */
function NoRows({ view, filtered, open, lookedAt, onMine }: NoRowsProps) {
  const { t, i18n } = useTranslation();
  if (filtered) {
    return <Empty title={t('worklist.noMatch.title')}>{t('worklist.noMatch.text')}</Empty>;
  }
  const time = new Date(lookedAt).toLocaleTimeString(i18n.language, CLOCK);
  return (
    <>
      <Empty title={t(`worklist.empty.${view}.title`)}>
        {t(`worklist.empty.${view}.text`)} {t('worklist.empty.again', { time })}
      </Empty>
      {view === 'ready' && open > 0 && (
        <p>
          <button type="button" onClick={onMine}>
            {t('worklist.empty.open', { count: open })}
          </button>
        </p>
      )}
    </>
  );
}

interface ViewsProps {
  chosen: WorklistView;
  rows: readonly WorklistRow[];
  /** How many pairs stand among the evaluations. */
  pairs: number;
  onChoose: (view: WorklistView) => void;
}

/** Evaluations are shown to those who are asked for them. */
const isOffered = (view: WorklistView, chosen: WorklistView, rows: readonly WorklistRow[]) =>
  view !== 'evaluation' || chosen === view || rowsOf(view, rows).length > 0;

/** The saved views with their counts. */
function Views({ chosen, rows, pairs, onChoose }: ViewsProps) {
  const { t } = useTranslation();
  return (
    <aside className="views" aria-label={t('worklist.views')}>
      {WORKLIST_VIEWS.filter(
        (name) => isOffered(name, chosen, rows) || (name === 'evaluation' && pairs > 0),
      ).map((name) => (
        <button
          key={name}
          type="button"
          className="quiet view"
          aria-pressed={chosen === name}
          onClick={() => onChoose(name)}
        >
          {t(`worklist.view.${name}`)}
          <span className="count">
            {rowsOf(name, rows).length + (name === 'evaluation' ? pairs : 0)}
          </span>
        </button>
      ))}
    </aside>
  );
}
