/** Every open case with its deadline and what keeps it; and the acts that help. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import { steeredCasesQuery } from '../../api/oversight_documents';
import type { SteeredCase } from '../../api/oversight_types';
import type { Page } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { CasesToSteer } from './cases_to_steer';
import { FlaggedStudies } from './flagged_studies';
import { CONCERNS, type Concern, type Concerned, casesToSteer } from './open_cases';
import { SteeringPanel } from './steering_panel';
import './coordination.css';

const CASES_PER_PAGE = 50;
/** Open cases are young; whatever lies further back is over. */
const PAGES_MAX = 20;

async function loadCases(): Promise<SteeredCase[]> {
  const found: SteeredCase[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { cases }: { cases: Page<SteeredCase> } = await askOnClock(steeredCasesQuery, {
      first: CASES_PER_PAGE,
      after,
    });
    found.push(...cases.nodes);
    if (!cases.pageInfo.hasNextPage) break;
    after = cases.pageInfo.endCursor;
  }
  return found;
}

export function CoordinationPage() {
  const { t } = useTranslation();
  const { concern = null } = useSearch({ from: '/shell/coordination' });
  const [selected, setSelected] = useState<string | null>(null);
  const cases = useQuery({
    queryKey: ['open-cases'],
    queryFn: loadCases,
    refetchInterval: POLL_INTERVAL_MS,
  });
  const all = casesToSteer(cases.data ?? [], new Date());
  const rows = all.filter(({ concerns }) => concern === null || concerns.includes(concern));
  const chosen = cases.data?.find(({ id }) => id === selected) ?? null;
  return (
    <main className={chosen ? 'coordination with-panel' : 'coordination'}>
      <section className="coordination-list" aria-label={t('coordination.title')}>
        <div className="page-head">
          <h1>{t('coordination.title')}</h1>
          <ConcernChips all={all} chosen={concern} />
        </div>
        {cases.isPending && <Loading rows={8} />}
        {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
        {cases.isSuccess && rows.length === 0 && (
          <Empty title={t(concern ? 'coordination.none.title' : 'coordination.empty.title')}>
            {t(concern ? 'coordination.none.text' : 'coordination.empty.text')}
          </Empty>
        )}
        {rows.length > 0 && <CasesToSteer rows={rows} selected={selected} onSelect={setSelected} />}
        <FlaggedStudies cases={cases.data ?? []} />
      </section>
      {chosen && <SteeringPanel key={chosen.id} found={chosen} onClose={() => setSelected(null)} />}
    </main>
  );
}

interface ConcernChipsProps {
  all: readonly Concerned<SteeredCase>[];
  chosen: Concern | null;
}

function ConcernChips({ all, chosen }: ConcernChipsProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const countOf = (concern: Concern) =>
    all.filter(({ concerns }) => concerns.includes(concern)).length;
  return (
    <fieldset className="row-actions period">
      <legend className="visually-hidden">{t('coordination.filter')}</legend>
      <button
        type="button"
        className="chip"
        aria-pressed={chosen === null}
        onClick={() => void navigate({ to: '/coordination', search: {} })}
      >
        {t('coordination.all')} <span className="count">{all.length}</span>
      </button>
      {CONCERNS.filter((concern) => countOf(concern) > 0 || concern === chosen).map((concern) => (
        <button
          key={concern}
          type="button"
          className="chip"
          aria-pressed={chosen === concern}
          onClick={() =>
            void navigate({
              to: '/coordination',
              search: chosen === concern ? {} : { concern },
            })
          }
        >
          {t(`coordination.concern.${concern}`)} <span className="count">{countOf(concern)}</span>
        </button>
      ))}
    </fieldset>
  );
}
