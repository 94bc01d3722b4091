/** What a reader must know before going on: the hold is gone, or there is a draft to choose. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Draft, EndedHold, Refusal } from '../../api/types';
import { RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { holdEndOf, mayOpenAgain } from './ended_hold';

interface LostHoldProps {
  endedHold: EndedHold | null;
  /** What the server said to the last save or renewal. */
  refusal: Refusal | null;
}

/** The hold is gone; what was typed stays on the page. */
export function LostHold({ endedHold, refusal }: LostHoldProps) {
  const { t } = useTranslation();
  const openAgain = (
    <button type="button" onClick={() => window.location.reload()}>
      {t('reading.openAgain')}
    </button>
  );
  const toWorklist = <Link to="/worklist">{t('nav.worklist')}</Link>;
  if (endedHold) {
    const end = holdEndOf(endedHold.reasonCode);
    return (
      <div className="room-notice note note-wait" role="alert">
        <strong>
          {t(`reading.endedHold.${end}`)} · <Time at={endedHold.endedAt} />
        </strong>
        <p>{t(end === 'superseded' ? 'reading.endedHold.offered' : 'reading.endedHold.kept')}</p>
        <div className="row-actions">
          {mayOpenAgain(end) && openAgain}
          {toWorklist}
        </div>
      </div>
    );
  }
  if (!refusal) return null;
  return (
    <div className="room-notice">
      <RefusalNote refusal={refusal}>
        {openAgain}
        {toWorklist}
      </RefusalNote>
    </div>
  );
}

interface DraftOfferProps {
  offered: Draft;
  onUse: () => void;
  onLeave: () => void;
}

/** What was typed on the case before; nothing of it counts until the reader takes it, and signs. */
export function DraftOffer({ offered, onUse, onLeave }: DraftOfferProps) {
  const { t } = useTranslation();
  return (
    <section className="room-notice note note-wait" aria-label={t('reading.offer.title')}>
      <strong>{t('reading.offer.title')}</strong>
      <p>
        {t('reading.offer.text', { count: offered.findings.length })} <Time at={offered.savedAt} />
      </p>
      <div className="row-actions">
        <button type="button" onClick={onUse}>
          {t('reading.offer.use')}
        </button>
        <button type="button" onClick={onLeave}>
          {t('reading.offer.leave')}
        </button>
      </div>
    </section>
  );
}
