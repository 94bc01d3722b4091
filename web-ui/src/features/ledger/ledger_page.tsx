/** Everything that happened, in order, as sentences; and whether the book is whole. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { ledgerQuery } from '../../api/documents';
import { Empty, Fault, Loading } from '../../components/note';
import { EntryTable } from './entry_table';
import { LedgerStatusPanel } from './ledger_status_panel';

const PAGE_LENGTH = 50;

export function LedgerPage() {
  const { t } = useTranslation();
  const { subject } = useSearch({ from: '/shell/ledger' });
  const navigate = useNavigate();
  const [typed, setTyped] = useState(subject ?? '');
  const ledger = useInfiniteQuery({
    queryKey: ['ledger', subject ?? null],
    queryFn: ({ pageParam }) =>
      ask(ledgerQuery, { first: PAGE_LENGTH, after: pageParam, subject: subject ?? null }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ ledger: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
  });
  const filter = (event: FormEvent) => {
    event.preventDefault();
    const wanted = typed.trim();
    void navigate({ to: '/ledger', search: wanted ? { subject: wanted } : {} });
  };
  const entries = ledger.data?.pages.flatMap((page) => page.ledger.nodes) ?? [];
  const status = ledger.data?.pages.at(-1)?.ledgerStatus;
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.ledger')}</h1>
        <span className="spring" />
        <search>
          <form className="row-actions" onSubmit={filter}>
            <input
              aria-label={t('ledger.subject')}
              placeholder={t('ledger.subjectHint')}
              size={34}
              className="mono"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <button type="submit">{t('ledger.filter')}</button>
          </form>
        </search>
      </div>
      {status && <LedgerStatusPanel status={status} />}
      {ledger.isPending && <Loading rows={8} />}
      {ledger.isError && <Fault error={ledger.error} onRetry={() => void ledger.refetch()} />}
      {ledger.isSuccess && entries.length === 0 && (
        <Empty title={t('ledger.empty.title')}>{t('ledger.empty.text')}</Empty>
      )}
      {entries.length > 0 && <EntryTable entries={entries} />}
      {ledger.hasNextPage && (
        <div>
          <button
            type="button"
            disabled={ledger.isFetchingNextPage}
            onClick={() => void ledger.fetchNextPage()}
          >
            {t('common.more')}
          </button>
        </div>
      )}
    </main>
  );
}
