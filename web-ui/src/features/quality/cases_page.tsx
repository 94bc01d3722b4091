/** Every case, for quality, administrators and coordinators; or those behind one number of the figures. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { casesQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { CaseState } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { CaseTable } from './case_table';
import { CASES_PER_PAGE } from './collect_cases';
import { FigureCasesPage } from './figure_cases';
import { figureOfSearch } from './figure_reference';
import { GateCasesPage } from './gate_cases';
import { gateOfSearch } from './gate_reference';
import './quality.css';

export function CasesPage() {
  const search = useSearch({ from: '/shell/cases' });
  const figure = figureOfSearch(search);
  const gate = gateOfSearch({ ...search });
  if (gate) return <GateCasesPage wanted={gate} />;
  return figure ? <FigureCasesPage wanted={figure} /> : <AllCases />;
}

/** The states that wait for a person, or that went another way than out. */
const STATES: readonly CaseState[] = ['HELD', 'DEFERRED', 'EXPIRED', 'RECALLED'];

function AllCases() {
  const { t } = useTranslation();
  const [state, setState] = useState<CaseState | null>(null);
  const cases = useInfiniteQuery({
    queryKey: ['cases'],
    queryFn: ({ pageParam }) => askOnClock(casesQuery, { first: CASES_PER_PAGE, after: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ cases: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
    refetchInterval: POLL_INTERVAL_MS,
  });
  const loaded = cases.data?.pages.flatMap((page) => page.cases.nodes) ?? [];
  const rows = loaded.filter((row) => state === null || row.state === state);
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.cases')}</h1>
        <span className="spring" />
        <Link to="/recalls">{t('recalls.open')}</Link>
        <StateFilter chosen={state} onChoose={setState} />
      </div>
      {cases.isPending && <Loading rows={8} />}
      {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      {cases.isSuccess && loaded.length === 0 && (
        <Empty title={t('quality.empty.title')}>{t('quality.empty.text')}</Empty>
      )}
      {loaded.length > 0 && rows.length === 0 && (
        <Empty title={t('quality.noneOfState.title')}>
          {cases.hasNextPage ? t('quality.noneOfState.text') : ''}
        </Empty>
      )}
      {rows.length > 0 && <CaseTable rows={rows} />}
      {cases.hasNextPage && (
        <div className="row-actions">
          <button
            type="button"
            disabled={cases.isFetchingNextPage}
            onClick={() => void cases.fetchNextPage()}
          >
            {t('common.more')}
          </button>
          <span className="muted">{t('quality.more', { count: loaded.length })}</span>
        </div>
      )}
    </main>
  );
}

interface StateFilterProps {
  chosen: CaseState | null;
  onChoose: (state: CaseState | null) => void;
}

function StateFilter({ chosen, onChoose }: StateFilterProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="row-actions period">
      <legend className="visually-hidden">{t('quality.filter')}</legend>
      {[null, ...STATES].map((state) => (
        <button
          key={state ?? 'all'}
          type="button"
          aria-pressed={chosen === state}
          onClick={() => onChoose(state)}
        >
          {state ? t(`caseState.${state}`) : t('quality.allStates')}
        </button>
      ))}
    </fieldset>
  );
}
