/** One case for quality: what was read, what was sent, who did what and when. */
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { caseHistoryQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { CaseHistory, CaseState, Read, Send } from '../../api/types';
import { Addenda } from '../../components/addenda';
import { CaseStateBadge, SendStateBadge, StageBadge, VerdictBadge } from '../../components/badge';
import { Copyable } from '../../components/copyable';
import { Empty, Fault, Loading } from '../../components/note';
import { ageAndSex, inARow, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { isOver } from './case_acts';
import { CaseSteering } from './case_steering';
import { CaseTimeline } from './case_timeline';
import { InvalidateForm, mayInvalidate } from './invalidate_form';
import { RejectionNotes } from './rejection_notes';
import { SendRemarks } from './send_remarks';
import './quality.css';

/** States in which nothing happens by itself any more. */
const ENDED: readonly CaseState[] = ['REJECTED', 'SUPERSEDED', 'EXPIRED', 'RECALLED', 'EVALUATED'];
const SEND_INTERVAL_MS = POLL_INTERVAL_MS / 5;

/** Sends are followed closely; what has ended stays as it is, and each look is an entry in the ledger. */
function nextLook(shown: CaseHistory | null): number | false {
  if (!shown) return POLL_INTERVAL_MS;
  const { state, sends, rejectionNotes } = shown;
  if (rejectionNotes.some((note) => note.state !== 'CLOSED')) return SEND_INTERVAL_MS;
  // What the destinations are told is not there at once.
  if (state === 'RECALLED' && rejectionNotes.length === 0 && sends.length > 0)
    return SEND_INTERVAL_MS;
  if (sends.some((send) => send.state === 'QUEUED' || send.state === 'SENDING')) {
    return SEND_INTERVAL_MS;
  }
  if (state === 'RELEASED') return sends.length > 0 ? false : SEND_INTERVAL_MS;
  return state && ENDED.includes(state) ? false : POLL_INTERVAL_MS;
}

export function CasePage() {
  const { caseId } = useParams({ from: '/shell/cases/$caseId' });
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['case-history', caseId],
    queryFn: () => askOnClock(caseHistoryQuery, { id: caseId }),
    refetchInterval: ({ state }) => nextLook(state.data?.case ?? null),
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
  const viewer = useViewer();
  const seesReads = hasRole(viewer, 'QUALITY', 'ADMINISTRATOR');
  return (
    <>
      <div className="page-head">
        <h1>{personName(study.patient.name, i18n.language)}</h1>
        <span className="muted">
          {inARow(
            study.patient.patientId,
            ageAndSex(study.patient, study.studyDate),
            dicomDate(study.studyDate),
            study.studyDescription,
          )}
        </span>
        {found.state && <CaseStateBadge value={found.state} />}
        <StageBadge value={found.stage} />
        <span className="spring" />
        <Copyable text={found.id} length={20} />
        {hasRole(viewer, 'QUALITY') && found.state && isOver(found.state) && (
          <Link className="button-link" to="/learning" search={{ case: found.id }}>
            {t('learning.discuss')}
          </Link>
        )}
        {seesReads && (
          <Link to="/cases/$caseId/record" params={{ caseId: found.id }}>
            {t('record.title')}
          </Link>
        )}
        <Link to="/ledger" search={{ subject: found.id }}>
          {t('nav.ledger')}
        </Link>
      </div>
      <div className="case-view">
        <section className="panel">
          <h2>{t('quality.history')}</h2>
          <CaseTimeline entries={found.history} own={found.id} />
        </section>
        <div className="case-side">
          <CaseSteering found={found} />
          {found.rejectionNotes.length > 0 && (
            <RejectionNotes caseId={found.id} notes={found.rejectionNotes} />
          )}
          {hasRole(viewer, 'QUALITY') && mayInvalidate(found) && (
            <InvalidateForm caseId={found.id} />
          )}
          <section className="panel">
            <h2>{t('quality.reads')}</h2>
            {found.reads.length === 0 && (
              <p className="muted">{t(seesReads ? 'quality.noReads' : 'quality.readsHidden')}</p>
            )}
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

function ReadView({ read }: { read: Read }) {
  const { t } = useTranslation();
  return (
    <div className="read">
      <VerdictBadge value={read.verdict} />
      <span>
        {read.signature.printedName} · <Time at={read.signature.signedAt} />
        {!read.isFinal && ` · ${t('signing.notFinal')}`}
        {read.isConfirmation && ` · ${t('confirmation.is')}`}
        {read.signature.personalKey && ` · ${t('passkey.signed')}`}
      </span>
      {read.comment && <p>{read.comment}</p>}
      <Addenda addenda={read.addenda} />
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
        <Link className="mono" to="/destinations">
          {send.destination}
        </Link>{' '}
        · {t('quality.objects', { stored: send.objectsStored, count: send.objects })}
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
      <SendRemarks remarks={send.remarks} />
    </div>
  );
}
