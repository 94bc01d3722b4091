/** After signing: what was signed, and the way to the next case. */
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignedCase } from '../../api/documents';
import type { Read } from '../../api/types';
import { Addenda } from '../../components/addenda';
import { VerdictBadge } from '../../components/badge';
import { Time, useSecondsUntil } from '../../components/time';
import { useViewer } from '../session/session';
import { AddendumForm } from './addendum_form';
import { advancesByItself, keepAdvancing } from './advance';
import { tallyOf } from './tally';
import { useAdvance } from './use_advance';
import { useNextCase } from './use_prefetch';
import { Withdrawal } from './withdrawal';

interface SignedStripProps {
  caseId: string;
  read: Read;
  /** The first reads, unnamed, for an adjudicator who has signed. */
  others: readonly Read[];
  /** Whether it was signed just now: only then does the next case open by itself. */
  isJustSigned: boolean;
  /** Until when the read may be taken back. */
  withdrawUntil: string | null;
  /** What came of an addendum. */
  onWritten: (after: SignedCase) => void;
  /** Whether the reader is told how the case ended, and so may want it discussed. */
  hasEnded: boolean;
}

const READERS = ['α', 'β'];

export function SignedStrip(props: SignedStripProps) {
  const { caseId, read, others, withdrawUntil, hasEnded } = props;
  const { t } = useTranslation();
  const viewer = useViewer();
  const secondsLeft = useSecondsUntil(withdrawUntil ?? read.signature.signedAt);
  const isFinal = read.isFinal || (withdrawUntil !== null && secondsLeft === 0);
  return (
    <section className="signing" aria-label={t('signing.signed')}>
      <div className="signing-words">
        <h2>
          {t('signing.signed')} · <VerdictBadge value={read.verdict} />
        </h2>
        <p className="muted">
          {read.signature.printedName} · <Time at={read.signature.signedAt} /> ·{' '}
          {read.signature.meaning} · <code>{read.signature.caseDigest.slice(0, 12)}</code>
          {!isFinal && ` · ${t('signing.notFinal')}`}
          {read.signature.personalKey && ` · ${t('passkey.signed')}`}
        </p>
        <Addenda addenda={read.addenda} />
        <p className="muted small">{t('room.tally', tallyOf(viewer.id))}</p>
        {others.length > 0 && (
          <div className="others">
            {others.map((other, index) => (
              <OtherRead key={other.id} read={other} letter={READERS[index] ?? index + 1} />
            ))}
          </div>
        )}
      </div>
      <div className="signing-act">
        {/* Who learns only now what others said is not hurried on. */}
        <WayOn caseId={caseId} mayAdvance={props.isJustSigned && others.length === 0} />
        {withdrawUntil && <Withdrawal caseId={caseId} until={withdrawUntil} />}
        {isFinal && <AddendumForm caseId={caseId} onWritten={props.onWritten} />}
        {hasEnded && (
          <Link className="button-link" to="/learning" search={{ case: caseId }}>
            {t('learning.discuss')}
          </Link>
        )}
      </div>
    </section>
  );
}

/** A first read, without a name. */
function OtherRead({ read, letter }: { read: Read; letter: string | number }) {
  const { t } = useTranslation();
  const marks = read.findings.map(
    ({ kind, severity }) => `${t(`finding.${kind}`)} (${t(`severity.${severity}`)})`,
  );
  return (
    <div className="panel">
      <h3>{t('signing.reader', { letter })}</h3>
      <VerdictBadge value={read.verdict} />
      {read.comment && <p>{read.comment}</p>}
      <Addenda addenda={read.addenda} />
      <p className="muted small">{marks.join(', ') || t('signing.noFindings')}</p>
    </div>
  );
}

/** To the next case: by itself after a moment, by Enter, or by hand. */
function WayOn({ caseId, mayAdvance }: { caseId: string; mayAdvance: boolean }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const viewer = useViewer();
  const [signedAt] = useState(() => Date.now());
  const [byItself, setByItself] = useState(() => advancesByItself(viewer.id));
  const { nextId, listedAt } = useNextCase(caseId, true);
  const open = useCallback(
    (next: string) => void navigate({ to: '/read/$caseId', params: { caseId: next } }),
    [navigate],
  );
  const { advance, stay } = useAdvance(
    { nextId, isFresh: listedAt >= signedAt },
    mayAdvance && byItself,
    open,
  );
  return (
    <>
      <div className="way-on">
        {nextId ? (
          <Link className="button-link primary" to="/read/$caseId" params={{ caseId: nextId }}>
            {advance.kind === 'counting'
              ? t('advance.nextIn', { seconds: Math.ceil(advance.leftMs / 1000) })
              : t('signing.nextCase')}{' '}
            <kbd>Enter</kbd>
          </Link>
        ) : (
          <p className="muted">{t('signing.noNext')}</p>
        )}
        {advance.kind === 'counting' ? (
          <button type="button" onClick={stay}>
            {t('advance.stay')} <kbd>Esc</kbd>
          </button>
        ) : (
          <Link className="button-link" to="/worklist">
            {t('nav.worklist')}
          </Link>
        )}
      </div>
      <label className="in-a-row small">
        <input
          type="checkbox"
          checked={byItself}
          onChange={(event) => {
            keepAdvancing(viewer.id, event.target.checked);
            setByItself(event.target.checked);
          }}
        />
        {t('advance.byItself')}
      </label>
      <p className="visually-hidden" role="status">
        {advance.kind === 'counting' && t('advance.announced')}
      </p>
    </>
  );
}
