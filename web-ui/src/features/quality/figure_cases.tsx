/** The cases behind one number of the figures. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { casesQuery, figureCasesQuery } from '../../api/documents';
import { sentinelFiguresQuery } from '../../api/oversight_documents';
import type { FigureCases } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { inARow } from '../../components/patient';
import { CaseTable } from './case_table';
import { CASES_PER_PAGE, collectCases } from './collect_cases';
import { type FigureReference, momentsOf, openedFigure } from './figure_reference';
import { MissingCases } from './missing_cases';

async function loadFigure(wanted: FigureReference): Promise<FigureCases> {
  const { figure } = wanted;
  if (figure === 'sentinels' || figure === 'missed') {
    const { sentinelFigures } = await ask(sentinelFiguresQuery, momentsOf(wanted));
    return { sentinels: [...sentinelFigures.cases, ...sentinelFigures.readers] };
  }
  const { qualityFigures } = await ask(figureCasesQuery, {
    ...momentsOf(wanted),
    agreement: figure === 'compared' || figure === 'differing',
    rates: figure === 'rate',
    times: figure === 'time',
    overdue: figure === 'overdue',
  });
  return qualityFigures;
}

async function loadCases(wanted: FigureReference) {
  const { label, caseIds } = openedFigure(await loadFigure(wanted), wanted);
  const collected = await collectCases(caseIds, async (after) => {
    const { cases } = await ask(casesQuery, { first: CASES_PER_PAGE, after });
    return cases;
  });
  return { label, ...collected };
}

function useTitle(wanted: FigureReference): string {
  const { t } = useTranslation();
  switch (wanted.figure) {
    case 'compared':
    case 'differing':
    case 'overdue':
    case 'sentinels':
    case 'missed':
      return t(`figureCases.${wanted.figure}`);
    case 'rate':
      return t('figureCases.rate', {
        kind: t(`finding.${wanted.kind}`),
        severity: t(`severity.${wanted.severity}`),
      });
    case 'time':
      return t('figureCases.time', { span: t(`figures.span.${wanted.span}`) });
    default:
      return wanted satisfies never;
  }
}

export function FigureCasesPage({ wanted }: { wanted: FigureReference }) {
  const { t } = useTranslation();
  const title = useTitle(wanted);
  const cases = useQuery({
    queryKey: ['figure-cases', wanted],
    queryFn: () => loadCases(wanted),
  });
  const { from, to, by } = wanted;
  const rows = cases.data?.rows ?? [];
  const missing = cases.data?.missing ?? [];
  return (
    <main className="page">
      <div className="page-head">
        <h1>{title}</h1>
        <span className="muted">{inARow(cases.data?.label ?? '', `${from} – ${to}`)}</span>
        <span className="spring" />
        <Link to="/quality" search={{ from, to, by: by === 'READER' ? 'ALL' : by }}>
          {t('figureCases.back')}
        </Link>
        <Link to="/cases">{t('figureCases.all')}</Link>
      </div>
      {cases.isPending && <Loading rows={8} />}
      {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      {cases.isSuccess && rows.length + missing.length === 0 && (
        <Empty title={t('figureCases.empty.title')}>{t('figureCases.empty.text')}</Empty>
      )}
      {rows.length > 0 && <CaseTable rows={rows} />}
      <MissingCases ids={missing} />
    </main>
  );
}
