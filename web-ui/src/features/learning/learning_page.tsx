/** Peer learning: cases that are over are discussed without names, and what is to be learned of them is kept. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { discussionsQuery } from '../../api/discussion_documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import { Empty, Fault, Loading } from '../../components/note';
import { hasRole, useViewer } from '../session/session';
import { useRowKeys } from '../worklist/use_row_keys';
import { DiscussionList } from './discussion_list';
import { DiscussionPanel } from './discussion_panel';
import { LearningFilter } from './learning_filter';
import { countsOf, narrowed } from './narrow';
import { OpenForm } from './open_form';
import { ScorePanel } from './score_panel';
import '../worklist/worklist.css';
import './learning.css';

const DISCUSSIONS_PER_PAGE = 50;

function useDiscussions() {
  return useInfiniteQuery({
    queryKey: ['discussions'],
    queryFn: ({ pageParam }) =>
      ask(discussionsQuery, { first: DISCUSSIONS_PER_PAGE, after: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ discussions: { pageInfo } }) =>
      pageInfo.hasNextPage ? pageInfo.endCursor : undefined,
    refetchInterval: POLL_INTERVAL_MS,
  });
}

export function LearningPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const isQuality = hasRole(useViewer(), 'QUALITY');
  const search = useSearch({ from: '/shell/learning' });
  const shown = search.shown ?? 'open';
  const [words, setWords] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const query = useDiscussions();
  const all = query.data?.pages.flatMap((page) => page.discussions.nodes) ?? [];
  const rows = narrowed(all, shown, words, (kind) => t(`discussionKind.${kind}`));
  const ids = rows.map(({ id }) => id);
  const selected = search.discussion ?? null;
  const select = (discussion: string) =>
    void navigate({ to: '/learning', search: { shown, discussion } });
  const open = () => {
    const first = ids[0];
    if (selected === null && first) select(first);
  };
  useRowKeys({ ids, selected, select, open, search: field });
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('learning.title')}</h1>
      </div>
      <p className="muted">{t(isQuality ? 'learning.meaningQuality' : 'learning.meaning')}</p>
      {search.case && <OpenForm key={search.case} caseId={search.case} />}
      <LearningFilter
        words={words}
        onWords={setWords}
        shown={shown}
        counts={countsOf(all)}
        field={field}
      />
      {query.isPending && <Loading rows={4} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && rows.length === 0 && (
        <Empty title={t(all.length > 0 ? 'learning.none.title' : 'learning.empty.title')}>
          {t(
            all.length > 0
              ? 'learning.none.text'
              : isQuality
                ? 'learning.empty.textQuality'
                : 'learning.empty.text',
          )}
        </Empty>
      )}
      {rows.length > 0 && <DiscussionList rows={rows} selected={selected} onSelect={select} />}
      {query.hasNextPage && (
        <button
          type="button"
          disabled={query.isFetchingNextPage}
          onClick={() => void query.fetchNextPage()}
        >
          {t('common.more')}
        </button>
      )}
      {selected && <DiscussionPanel key={selected} id={selected} />}
      {isQuality && <ScorePanel />}
    </main>
  );
}
