/** Has a case discussed. */
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  DISCUSSION_KINDS,
  type DiscussionKind,
  openDiscussionMutation,
} from '../../api/discussion_documents';
import { CaseLink } from './case_link';
import { WordsForm } from './words_form';

const QUESTION_CHARS_MAX = 500;

export function OpenForm({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [kind, setKind] = useState<DiscussionKind>('DISCREPANCY');
  const opened = useRef<string | null>(null);
  return (
    <section className="panel" aria-label={t('learning.open')}>
      <h2>{t('learning.open')}</h2>
      <p>
        <CaseLink caseId={caseId} />
      </p>
      <p className="muted">{t('learning.openMeaning')}</p>
      <WordsForm
        label={t('learning.question')}
        hint={t('learning.noNames')}
        action={t('learning.openAct')}
        done={t('learning.opened')}
        charsMax={QUESTION_CHARS_MAX}
        run={async (question) => {
          const input = { caseId, kind, question };
          const { openDiscussion } = await ask(openDiscussionMutation, { input });
          opened.current = openDiscussion.discussion?.id ?? null;
          return openDiscussion.refusal;
        }}
        onDone={() => {
          void queries.invalidateQueries({ queryKey: ['discussions'] });
          const discussion = opened.current;
          void navigate({ to: '/learning', search: discussion ? { discussion } : {} });
        }}
      >
        <label>
          {t('learning.about')}
          <select value={kind} onChange={(event) => setKind(event.target.value as DiscussionKind)}>
            {DISCUSSION_KINDS.map((one) => (
              <option key={one} value={one}>
                {t(`discussionKind.${one}`)}
              </option>
            ))}
          </select>
        </label>
      </WordsForm>
    </section>
  );
}
