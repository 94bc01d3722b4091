/** The cases behind one number of a gate. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { casesQuery } from '../../api/documents';
import { gateCasesQuery } from '../../api/rollout_documents';
import { Empty, Fault, Loading } from '../../components/note';
import { CaseTable } from './case_table';
import { CASES_PER_PAGE, collectCases } from './collect_cases';
import type { GateReference } from './gate_reference';
import { MissingCases } from './missing_cases';

async function loadCases({ gate, counted, group }: GateReference) {
  const wanted = { deploymentId: gate, by: counted, group: group ?? null };
  const { gateCases } = await ask(gateCasesQuery, wanted);
  const collected = await collectCases(gateCases.caseIds, async (after) => {
    const { cases } = await ask(casesQuery, { first: CASES_PER_PAGE, after });
    return cases;
  });
  return { ...gateCases, ...collected };
}

export function GateCasesPage({ wanted }: { wanted: GateReference }) {
  const { t } = useTranslation();
  const cases = useQuery({
    queryKey: ['gate-cases', wanted],
    queryFn: () => loadCases(wanted),
  });
  const { label = '', total = 0, rows = [], missing = [], caseIds = [] } = cases.data ?? {};
  const group = wanted.group && (label || t('rollout.counted.unknown'));
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t(`rollout.counted.title.${wanted.counted}`)}</h1>
        <span className="muted">{cases.isSuccess && group}</span>
        <span className="spring" />
        <Link to="/rollout">{t('rollout.counted.back')}</Link>
        <Link to="/cases">{t('figureCases.all')}</Link>
      </div>
      <p className="muted">{t('rollout.counted.order')}</p>
      {cases.isPending && <Loading rows={8} />}
      {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      {cases.isSuccess && total === 0 && (
        <Empty title={t('rollout.counted.empty.title')}>{t('rollout.counted.empty.text')}</Empty>
      )}
      {rows.length > 0 && <CaseTable rows={rows} />}
      <MissingCases ids={missing} />
      {total > caseIds.length && (
        <p className="muted small">
          {t('rollout.counted.more', { shown: caseIds.length, count: total })}
        </p>
      )}
    </main>
  );
}
