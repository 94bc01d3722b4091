/** After signing: what was signed, and the next case. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { worklistQuery } from '../../api/documents';
import type { Read } from '../../api/types';
import { VerdictBadge } from '../../components/badge';
import { Time } from '../../components/time';
import { useViewer } from '../session/session';
import { mostUrgent } from '../worklist/views';
import { tallyOf } from './tally';
import { Withdrawal } from './withdrawal';

interface SignedStripProps {
  caseId: string;
  read: Read;
  /** The first reads, unnamed, for an adjudicator who has signed. */
  others: readonly Read[];
  /** Until when the read may be taken back. */
  withdrawUntil: string | null;
}

const READERS = ['α', 'β'];

export function SignedStrip({ caseId, read, others, withdrawUntil }: SignedStripProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const viewer = useViewer();
  const worklist = useQuery({
    queryKey: ['worklist'],
    queryFn: () => ask(worklistQuery, { first: 100, after: null }),
  });
  const rows = (worklist.data?.worklist.nodes ?? []).filter((row) => row.id !== caseId);
  const next = mostUrgent(rows);
  const nextId = next?.id;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const typing = (event.target as HTMLElement | null)?.closest('input, textarea, button');
      if (event.key !== 'Enter' || event.ctrlKey || typing || !nextId) return;
      event.preventDefault();
      void navigate({ to: '/read/$caseId', params: { caseId: nextId } });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [nextId, navigate]);
  return (
    <section className="signing" aria-label={t('signing.signed')}>
      <div className="signing-words">
        <h2>
          {t('signing.signed')} · <VerdictBadge value={read.verdict} />
        </h2>
        <p className="muted">
          {read.signature.printedName} · <Time at={read.signature.signedAt} /> ·{' '}
          {read.signature.meaning} · <code>{read.signature.caseDigest.slice(0, 12)}</code>
          {!read.isFinal && ` · ${t('signing.notFinal')}`}
        </p>
        {others.length > 0 && (
          <div className="others">
            {others.map((other, index) => (
              <div key={other.id} className="panel">
                <h3>{t('signing.reader', { letter: READERS[index] ?? index + 1 })}</h3>
                <VerdictBadge value={other.verdict} />
                {other.comment && <p>{other.comment}</p>}
                <p className="muted small">
                  {other.findings
                    .map(
                      ({ kind, severity }) =>
                        `${t(`finding.${kind}`)} (${t(`severity.${severity}`)})`,
                    )
                    .join(', ') || t('signing.noFindings')}
                </p>
              </div>
            ))}
          </div>
        )}
      </div>
      <div className="signing-act">
        <p className="muted small">{t('room.tally', tallyOf(viewer.id))}</p>
        {next ? (
          <Link className="button-link primary" to="/read/$caseId" params={{ caseId: next.id }}>
            {t('signing.nextCase')} <kbd>Enter</kbd>
          </Link>
        ) : (
          <p className="muted">{t('signing.noNext')}</p>
        )}
        <Link className="button-link" to="/worklist">
          {t('nav.worklist')}
        </Link>
        {withdrawUntil && <Withdrawal caseId={caseId} until={withdrawUntil} />}
      </div>
    </section>
  );
}
