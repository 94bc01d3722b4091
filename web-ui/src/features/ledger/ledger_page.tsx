/** Everything that happened, in order, as sentences; and whether the book is whole. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, askInBackground } from '../../api/client';
import { type LedgerWanted, ledgerHealthQuery, ledgerQuery } from '../../api/documents';
import { Empty, Fault, Loading } from '../../components/note';
import { EntryTable } from './entry_table';
import { ErasuresPanel } from './erasures_panel';
import { ExportMenu } from './export_menu';
import { LedgerFilter } from './ledger_filter';
import { LedgerHealthLine } from './ledger_health_line';
import { pickedActor, wantedOf } from './ledger_search';
import { LedgerStatusPanel } from './ledger_status_panel';
import { VerifierPanel } from './verifier_panel';

const PAGE_LENGTH = 50;

function useLedger(wanted: LedgerWanted) {
  return useInfiniteQuery({
    queryKey: ['ledger', wanted],
    queryFn: ({ pageParam }) =>
      ask(ledgerQuery, { first: PAGE_LENGTH, after: pageParam, ...wanted }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ ledger: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
    // Each look is an entry; a page of the past does not change.
    refetchOnWindowFocus: !wanted.until,
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
  const [patient, setPatient] = useState('');
  const ledger = useLedger(wantedOf(search, patient));
  const signed = useSigned();
  const loaded = ledger.data?.pages.flatMap((page) => page.ledger.nodes) ?? [];
  const picked = pickedActor(search);
  const entries = loaded.filter(({ actor }) => !picked || actor === picked);
  const more = ledger.hasNextPage;
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
        patient={patient}
        onPatient={setPatient}
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
            {t(picked ? 'ledgerSearch.further' : 'common.more')}
          </button>
        )}
        {picked && ledger.isSuccess && (
          <span className="muted">
            {t('ledgerSearch.looked', { count: loaded.length, found: entries.length })}
          </span>
        )}
      </div>
    </main>
  );
}
