/** Everything that happened, in order, as sentences; and whether the book is whole. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { ledgerQuery } from '../../api/documents';
import { Empty, Fault, Loading } from '../../components/note';
import { EntryTable } from './entry_table';
import { ExportMenu } from './export_menu';
import { LedgerHealthLine } from './ledger_health_line';
import { LedgerStatusPanel } from './ledger_status_panel';

const PAGE_LENGTH = 50;

export function LedgerPage() {
  const { t } = useTranslation();
  const { subject } = useSearch({ from: '/shell/ledger' });
  const ledger = useInfiniteQuery({
    queryKey: ['ledger', subject ?? null],
    queryFn: ({ pageParam }) =>
      ask(ledgerQuery, { first: PAGE_LENGTH, after: pageParam, subject: subject ?? null }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ ledger: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
  });
  const entries = ledger.data?.pages.flatMap((page) => page.ledger.nodes) ?? [];
  const status = ledger.data?.pages.at(-1)?.ledgerStatus;
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.ledger')}</h1>
        <span className="spring" />
        <SubjectFilter key={subject ?? ''} subject={subject ?? ''} />
        <ExportMenu />
      </div>
      <LedgerHealthLine />
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

/** Narrows the ledger to what mentions an id. */
function SubjectFilter({ subject }: { subject: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(subject);
  const show = (wanted: string) =>
    void navigate({ to: '/ledger', search: wanted ? { subject: wanted } : {} });
  const filter = (event: FormEvent) => {
    event.preventDefault();
    show(typed.trim());
  };
  return (
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
        {subject && (
          <button type="button" onClick={() => show('')}>
            {t('ledger.all')}
          </button>
        )}
      </form>
    </search>
  );
}
