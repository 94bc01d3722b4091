/** One case for quality: what was read, what was sent, who did what and when. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { caseHistoryQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { CaseHistory, LedgerEntry, Read, Send } from '../../api/types';
import { CaseStateBadge, SendStateBadge, StageBadge, VerdictBadge } from '../../components/badge';
import { Copyable } from '../../components/copyable';
import { Empty, Fault, Loading } from '../../components/note';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import './quality.css';

export function CasePage() {
  const { caseId } = useParams({ from: '/shell/cases/$caseId' });
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['case-history', caseId],
    queryFn: () => ask(caseHistoryQuery, { id: caseId }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const found = query.data?.case;
  return (
    <main className="page">
      {query.isPending && <Loading rows={8} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !found && (
        <Empty title={t('reading.unknown.title')}>{t('reading.unknown.text')}</Empty>
      )}
      {found && <CaseView found={found} />}
    </main>
  );
}

function CaseView({ found }: { found: CaseHistory }) {
  const { t, i18n } = useTranslation();
  const { study } = found;
  return (
    <>
      <div className="page-head">
        <h1>{personName(study.patient.name, i18n.language)}</h1>
        <span className="muted">
          {ageAndSex(study.patient, study.studyDate)} · {dicomDate(study.studyDate)} ·{' '}
          {study.studyDescription}
        </span>
        {found.state && <CaseStateBadge value={found.state} />}
        <StageBadge value={found.stage} />
        <span className="spring" />
        <Copyable text={found.id} length={20} />
        <Link to="/ledger" search={{ subject: found.id }}>
          {t('nav.ledger')}
        </Link>
      </div>
      <div className="case-view">
        <section className="panel">
          <h2>{t('quality.history')}</h2>
          <History entries={found.history} />
        </section>
        <div className="case-side">
          <section className="panel">
            <h2>{t('quality.reads')}</h2>
            {found.reads.length === 0 && <p className="muted">{t('quality.noReads')}</p>}
            {found.reads.map((read) => (
              <ReadView key={read.id} read={read} />
            ))}
          </section>
          <section className="panel">
            <h2>{t('quality.sends')}</h2>
            {found.sends.length === 0 && <p className="muted">{t('quality.noSends')}</p>}
            {found.sends.map((send) => (
              <SendView key={send.id} send={send} />
            ))}
          </section>
          <section className="panel">
            <h2>{t('quality.digest')}</h2>
            <Copyable text={found.caseDigest} length={40} />
          </section>
        </div>
      </div>
    </>
  );
}

function History({ entries }: { entries: readonly LedgerEntry[] }) {
  const { t } = useTranslation();
  if (entries.length === 0) return <p className="muted">{t('quality.noHistory')}</p>;
  return (
    <ol className="timeline">
      {entries.map((entry) => (
        <li key={entry.index}>
          <span className="muted small">
            <Time at={entry.occurredAt} />
          </span>
          <span>
            {entry.sentence}
            <span className="muted small"> · {entry.service}</span>
          </span>
        </li>
      ))}
    </ol>
  );
}

function ReadView({ read }: { read: Read }) {
  const { t } = useTranslation();
  return (
    <div className="read">
      <VerdictBadge value={read.verdict} />
      <span>
        {read.signature.printedName} · <Time at={read.signature.signedAt} />
        {!read.isFinal && ` · ${t('signing.notFinal')}`}
      </span>
      {read.comment && <p>{read.comment}</p>}
      <p className="muted small">
        {read.findings
          .map(({ kind, severity }) => `${t(`finding.${kind}`)} (${t(`severity.${severity}`)})`)
          .join(', ') || t('signing.noFindings')}
      </p>
    </div>
  );
}

function SendView({ send }: { send: Send }) {
  const { t } = useTranslation();
  return (
    <div className="read">
      <SendStateBadge value={send.state} />
      <span>
        <span className="mono">{send.destination}</span> ·{' '}
        {t('quality.objects', { stored: send.objectsStored, count: send.objects })}
      </span>
      <p className="muted small">
        {t('quality.attempts', { count: send.attempts })}
        {send.deliveredAt && (
          <>
            {' · '}
            <Time at={send.deliveredAt} />
          </>
        )}
      </p>
      {send.lastError && <p className="small bad">{send.lastError}</p>}
    </div>
  );
}
