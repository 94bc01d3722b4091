/** Everything that happened, in order, as sentences; and whether the book is whole. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask, askInBackground } from '../../api/client';
import { ledgerHealthQuery, ledgerQuery } from '../../api/documents';
import { Empty, Fault, Loading } from '../../components/note';
import { EntryTable } from './entry_table';
import { ErasuresPanel } from './erasures_panel';
import { ExportMenu } from './export_menu';
import { firstAfter } from './find_time';
import { LedgerFilter } from './ledger_filter';
import { LedgerHealthLine } from './ledger_health_line';
import { endOfMinute, entriesOf, isBehind, type LedgerSearch } from './ledger_search';
import { LedgerStatusPanel } from './ledger_status_panel';
import { VerifierPanel } from './verifier_panel';

const PAGE_LENGTH = 50;

/** When the entry of a number was recorded; the cursor of a list is the number before which it goes on. */
async function recordedAt(index: number): Promise<number> {
  const { ledger } = await ask(ledgerQuery, {
    first: 1,
    after: String(index + 1),
    subject: null,
  });
  const time = ledger.nodes[0]?.recordedAt;
  if (time === undefined) throw new Error(`the ledger has no entry ${index}`);
  return new Date(time).getTime();
}

/** Where the list begins: at the newest entry, or at the last one of the wanted time. */
async function cursorOf(to: string | undefined): Promise<string | null> {
  if (!to) return null;
  const { ledgerStatus } = await ask(ledgerQuery, { first: 1, after: null, subject: null });
  return String(await firstAfter(endOfMinute(to), ledgerStatus.size, recordedAt));
}

function useLedger({ subject, to }: LedgerSearch) {
  return useInfiniteQuery({
    queryKey: ['ledger', subject ?? null, to ?? null],
    queryFn: async ({ pageParam }) =>
      ask(ledgerQuery, {
        first: PAGE_LENGTH,
        after: pageParam ?? (await cursorOf(to)),
        subject: subject ?? null,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ ledger: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
    // Each look is an entry; a page of the past does not change.
    refetchOnWindowFocus: !to,
  });
}

/** How many entries the newest checkpoint vouches for. */
function useSigned(): number | null {
  const health = useQuery({
    queryKey: ['ledger-health'],
    queryFn: () => askInBackground(ledgerHealthQuery, {}),
  });
  return health.data?.ledgerHealth.signed ?? null;
}

export function LedgerPage() {
  const { t } = useTranslation();
  const search = useSearch({ from: '/shell/ledger' });
  const ledger = useLedger(search);
  const signed = useSigned();
  const loaded = ledger.data?.pages.flatMap((page) => page.ledger.nodes) ?? [];
  const entries = entriesOf(loaded, search);
  const more = ledger.hasNextPage && !isBehind(loaded, search);
  const status = ledger.data?.pages.at(-1)?.ledgerStatus;
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.ledger')}</h1>
        <span className="spring" />
        <ExportMenu />
      </div>
      <LedgerHealthLine />
      <div className="ledger-tools">
        {status && <LedgerStatusPanel status={status} />}
        <VerifierPanel />
        <ErasuresPanel />
      </div>
      <LedgerFilter
        key={JSON.stringify(search)}
        search={search}
        people={[...new Set(loaded.map(({ actor }) => actor))].sort()}
      />
      {ledger.isPending && <Loading rows={8} />}
      {ledger.isError && <Fault error={ledger.error} onRetry={() => void ledger.refetch()} />}
      {ledger.isSuccess && entries.length === 0 && (
        <Empty title={t('ledger.empty.title')}>
          {t(more ? 'ledgerSearch.noneYet' : 'ledger.empty.text')}
        </Empty>
      )}
      {entries.length > 0 && <EntryTable entries={entries} signed={signed} />}
      <div className="row-actions">
        {more && (
          <button
            type="button"
            disabled={ledger.isFetchingNextPage}
            onClick={() => void ledger.fetchNextPage()}
          >
            {t(search.person ? 'ledgerSearch.further' : 'common.more')}
          </button>
        )}
        {search.person && ledger.isSuccess && (
          <span className="muted">
            {t('ledgerSearch.looked', { count: loaded.length, found: entries.length })}
          </span>
        )}
      </div>
    </main>
  );
}
