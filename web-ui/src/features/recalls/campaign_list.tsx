/** Every recall of a selection, newest first, and how far it is. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import { type RecallCampaign, recallCampaignsQuery } from '../../api/recall_campaigns';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { CampaignBadge, SelectionWords } from './campaign_words';

const CAMPAIGNS_PER_PAGE = 20;

export function CampaignList({ chosen }: { chosen: string | null }) {
  const { t } = useTranslation();
  const campaigns = useInfiniteQuery({
    queryKey: ['recall-campaigns'],
    queryFn: ({ pageParam }) =>
      ask(recallCampaignsQuery, { first: CAMPAIGNS_PER_PAGE, after: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ recallCampaigns: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
    refetchInterval: POLL_INTERVAL_MS,
  });
  const rows = campaigns.data?.pages.flatMap((page) => page.recallCampaigns.nodes) ?? [];
  return (
    <section className="panel" aria-label={t('recalls.list')}>
      <h2>{t('recalls.list')}</h2>
      {campaigns.isPending && <Loading rows={4} />}
      {campaigns.isError && (
        <Fault error={campaigns.error} onRetry={() => void campaigns.refetch()} />
      )}
      {campaigns.isSuccess && rows.length === 0 && (
        <Empty title={t('recalls.empty.title')}>{t('recalls.empty.text')}</Empty>
      )}
      {rows.length > 0 && <CampaignTable rows={rows} chosen={chosen} />}
      {campaigns.hasNextPage && (
        <button
          type="button"
          disabled={campaigns.isFetchingNextPage}
          onClick={() => void campaigns.fetchNextPage()}
        >
          {t('common.more')}
        </button>
      )}
    </section>
  );
}

interface CampaignTableProps {
  rows: readonly RecallCampaign[];
  chosen: string | null;
}

function CampaignTable({ rows, chosen }: CampaignTableProps) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('recalls.what')}</th>
          <th scope="col">{t('recalls.state')}</th>
          <th scope="col">{t('recalls.progress')}</th>
          <th scope="col">{t('recalls.by')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id} aria-current={row.id === chosen ? 'true' : undefined}>
            <td>
              <Link to="/recalls" search={{ campaign: row.id }}>
                <SelectionWords campaign={row} />
              </Link>
            </td>
            <td>
              <CampaignBadge value={row.state} />
            </td>
            <td>
              {row.confirmed === null
                ? t('recalls.named', { count: row.named })
                : t('recalls.done', { done: row.recalled, count: row.confirmed })}
            </td>
            <td>
              {row.proposedBy} · <Time at={row.proposedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
