/** One discussion: the question, the reads without names, what was said, and what is to be learned. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  closeDiscussionMutation,
  contributeMutation,
  type Discussion,
  type DiscussionVoice,
  discussionQuery,
} from '../../api/discussion_documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { CaseLink } from './case_link';
import { DiscussedReads } from './discussed_reads';
import { StateBadge } from './discussion_list';
import { ScoreForm } from './score_form';
import { TeachingPanel } from './teaching_panel';
import { WordsForm } from './words_form';

const WORDS_CHARS_MAX = 2000;

export function DiscussionPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['discussion', id],
    queryFn: () => ask(discussionQuery, { id }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const discussion = found.data?.discussion;
  return (
    <section className="panel" aria-label={t('learning.one')}>
      {found.isPending && <Loading rows={4} />}
      {found.isError && <Fault error={found.error} onRetry={() => void found.refetch()} />}
      {discussion === null && (
        <Empty title={t('learning.gone.title')}>{t('learning.gone.text')}</Empty>
      )}
      {discussion && <Told discussion={discussion} />}
    </section>
  );
}

function Told({ discussion }: { discussion: Discussion }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const look = () => {
    void queries.invalidateQueries({ queryKey: ['discussion', discussion.id] });
    void queries.invalidateQueries({ queryKey: ['discussions'] });
    void queries.invalidateQueries({ queryKey: ['reading-scores'] });
  };
  const isOpen = discussion.learningPoint === null;
  const isQuality = hasRole(useViewer(), 'QUALITY');
  return (
    <>
      <div className="page-head">
        <h2>{t(`discussionKind.${discussion.kind}`)}</h2>
        <StateBadge isOpen={isOpen} />
        <span className="spring" />
        <CaseLink caseId={discussion.caseId} />
      </div>
      {discussion.audience && discussion.audience !== 'READERS' && (
        <p className="note note-wait">{t(`learning.audience.${discussion.audience}`)}</p>
      )}
      <Said
        voice={discussion.voice}
        by={discussion.openedBy}
        words={discussion.question}
        at={discussion.openedAt}
      />
      <DiscussedReads caseId={discussion.caseId} />
      <h3>{t('learning.said')}</h3>
      {discussion.contributions.length === 0 && (
        <p className="muted">{t('learning.nothingSaid')}</p>
      )}
      <ol className="said-list">
        {discussion.contributions.map((said) => (
          <li key={said.number}>
            <Said voice={said.voice} by={said.by} words={said.words} at={said.at} />
          </li>
        ))}
      </ol>
      {discussion.learningPoint !== null && discussion.closedAt && (
        <section className="note note-good" aria-label={t('learning.point')}>
          <h3>{t('learning.point')}</h3>
          <Said
            voice="QUALITY"
            by={discussion.closedBy}
            words={discussion.learningPoint}
            at={discussion.closedAt}
          />
        </section>
      )}
      {!isOpen && isQuality && <TeachingPanel discussionId={discussion.id} />}
      {isOpen && <Contribute id={discussion.id} onDone={look} />}
      {discussion.mayScore && <ScoreForm discussion={discussion} onDone={look} />}
      {discussion.mayClose && <Close id={discussion.id} onDone={look} />}
    </>
  );
}

interface SaidProps {
  voice: DiscussionVoice;
  by: string | null;
  words: string;
  at: string;
}

function Said({ voice, by, words, at }: SaidProps) {
  const { t } = useTranslation();
  return (
    <div className="said">
      <p className="muted small">
        {t(`learning.voice.${by === null && voice === 'READER' ? 'ANOTHER' : voice}`)}
        {by !== null && voice !== 'OWN' && ` (${by})`} · <Time at={at} />
      </p>
      <p className="said-words">{words}</p>
    </div>
  );
}

function Contribute({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <WordsForm
      label={t('learning.say')}
      hint={t('learning.sayMeaning')}
      action={t('learning.sayAct')}
      done={t('learning.saidDone')}
      charsMax={WORDS_CHARS_MAX}
      run={async (words) => {
        const input = { discussionId: id, words };
        return (await ask(contributeMutation, { input })).contributeToDiscussion.refusal;
      }}
      onDone={onDone}
    />
  );
}

function Close({ id, onDone }: { id: string; onDone: () => void }) {
  const { t } = useTranslation();
  return (
    <details>
      <summary>{t('learning.close')}</summary>
      <WordsForm
        label={t('learning.point')}
        hint={t('learning.closeMeaning')}
        action={t('learning.closeAct')}
        done={t('learning.closed')}
        charsMax={WORDS_CHARS_MAX}
        run={async (learningPoint) => {
          const input = { discussionId: id, learningPoint };
          return (await ask(closeDiscussionMutation, { input })).closeDiscussion.refusal;
        }}
        onDone={onDone}
      />
    </details>
  );
}
