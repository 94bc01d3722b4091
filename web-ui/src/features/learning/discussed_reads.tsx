/** What was signed on the case that is discussed, without names: whose read is whose is no part of it. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { discussedCaseQuery } from '../../api/discussion_documents';
import type { Read } from '../../api/types';
import { Addenda } from '../../components/addenda';
import { CaseStateBadge, VerdictBadge } from '../../components/badge';
import { Fault, Loading } from '../../components/note';

const LETTERS = ['α', 'β', 'γ', 'δ'];

export function DiscussedReads({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['discussed-case', caseId],
    queryFn: () => ask(discussedCaseQuery, { id: caseId }),
  });
  const found = query.data?.case;
  const others = found?.reads.filter(({ id }) => id !== found.myRead?.id) ?? [];
  return (
    <section aria-label={t('learning.reads')}>
      {query.isPending && <Loading rows={2} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {found && (
        <>
          <p className="muted small">
            {found.model.name} {found.model.version} · {found.deployment.name}{' '}
            {found.state && <CaseStateBadge value={found.state} />}
          </p>
          {found.myRead && <Unnamed read={found.myRead} word={t('learning.ownRead')} />}
          {others.map((read, index) => (
            <Unnamed
              key={read.id}
              read={read}
              word={t('signing.reader', { letter: LETTERS[index] ?? index + 1 })}
            />
          ))}
        </>
      )}
    </section>
  );
}

function Unnamed({ read, word }: { read: Read; word: string }) {
  const { t } = useTranslation();
  const marks = read.findings.map(
    ({ kind, severity }) => `${t(`finding.${kind}`)} (${t(`severity.${severity}`)})`,
  );
  return (
    <div className="read">
      <VerdictBadge value={read.verdict} /> <span>{word}</span>
      {read.comment && <p>{read.comment}</p>}
      <Addenda addenda={read.addenda} />
      <p className="muted small">{marks.join(', ') || t('signing.noFindings')}</p>
    </div>
  );
}
