/** The cases of a selection, or of a recall over it, by the page: what becomes of each, and why. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Cases, SelectedCase, SelectedState } from '../../api/recall_campaigns';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';

const CASES_PER_PAGE = 25;

interface SelectedCasesProps {
  queryKey: readonly unknown[];
  load: (first: number, after: string | null) => Promise<Cases>;
  refetchInterval?: number | false;
}

export function SelectedCases({ queryKey, load, refetchInterval }: SelectedCasesProps) {
  const { t } = useTranslation();
  const cases = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam }) => load(CASES_PER_PAGE, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : undefined),
    refetchInterval: refetchInterval ?? false,
  });
  const rows = cases.data?.pages.flatMap(({ nodes }) => nodes) ?? [];
  return (
    <details className="selected-cases">
      <summary>{t('recalls.cases')}</summary>
      {cases.isPending && <Loading rows={4} />}
      {cases.isError && <Fault error={cases.error} onRetry={() => void cases.refetch()} />}
      {cases.isSuccess && rows.length === 0 && <p className="muted">{t('recalls.noCases')}</p>}
      {rows.length > 0 && <CaseRows rows={rows} />}
      {cases.hasNextPage && (
        <button
          type="button"
          disabled={cases.isFetchingNextPage}
          onClick={() => void cases.fetchNextPage()}
        >
          {t('common.more')}
        </button>
      )}
    </details>
  );
}

const FACE: Record<SelectedState, [IconName, 'wait' | 'bad' | 'good' | 'past' | 'plain']> = {
  NAMED: ['clock', 'plain'],
  RELEASED_SINCE: ['warning', 'wait'],
  WAITING: ['clock', 'wait'],
  RECALLED: ['check', 'good'],
  LEFT: ['circle', 'past'],
};
/** Reasons that have words of their own. */
const REASONS = ['recalled_before', 'recall_proposed', 'recall_known', 'withdrawn'] as const;

function CaseRows({ rows }: { rows: readonly SelectedCase[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('recalls.case')}</th>
          <th scope="col">{t('recalls.deployment')}</th>
          <th scope="col">{t('recalls.version')}</th>
          <th scope="col">{t('recalls.releasedAt')}</th>
          <th scope="col">{t('recalls.becomes')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => {
          const [icon, tone] = FACE[row.state];
          const reason = REASONS.find((known) => known === row.reasonCode);
          return (
            <tr key={row.caseId}>
              <td>
                <Link to="/cases/$caseId" params={{ caseId: row.caseId }} className="mono">
                  {row.caseId}
                </Link>
              </td>
              <td>{row.deployment.name}</td>
              <td>
                {row.model.name} {row.model.version}
              </td>
              <td>
                <Time at={row.releasedAt} />
              </td>
              <td>
                <Badge icon={icon} tone={tone}>
                  {t(`selectedState.${row.state}`)}
                </Badge>
                {row.reasonCode && (
                  <span className="muted small">
                    {' '}
                    {reason ? t(`recalls.left.${reason}`) : row.reasonCode}
                  </span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
