/** What a proof shows, in one of three outcomes. */
import { useTranslation } from 'react-i18next';
import { Badge } from '../../components/badge';
import type { Outcome } from '../../verify/proof';

const LOOKS = {
  verified: ['check', 'good', 'note-good'],
  inconsistent: ['cross', 'bad', 'note-bad'],
  cannotTell: ['question', 'wait', 'note-wait'],
} as const;

export function OutcomeNote({ name, outcome }: { name: string; outcome: Outcome }) {
  const { t } = useTranslation();
  const [icon, tone, note] = LOOKS[outcome.outcome];
  return (
    <div className={`note ${note}`} role="status">
      <strong>
        <Badge icon={icon} tone={tone}>
          {t(`verify.outcome.${outcome.outcome}`)}
        </Badge>{' '}
        <span className="muted">{name}</span>
      </strong>
      {outcome.outcome === 'verified' ? (
        <Shown outcome={outcome} />
      ) : (
        <p>{t(`verify.why.${outcome.why}`)}</p>
      )}
    </div>
  );
}

function Shown({ outcome: { shown } }: { outcome: Extract<Outcome, { outcome: 'verified' }> }) {
  const { t } = useTranslation();
  if (shown.proof === 'consistency') {
    const { former, latter } = shown;
    const sizes = { former: String(former.size), latter: String(latter.size) };
    return <p>{t('verify.shown.consistency', sizes)}</p>;
  }
  const { index, entry, checkpoint } = shown;
  return (
    <>
      <p>
        {t('verify.shown.inclusion', {
          index: String(index),
          size: String(checkpoint.size),
          origin: checkpoint.origin,
        })}
      </p>
      <p className="muted small">
        {entry.kind} · {entry.actor} · <span className="mono">{entry.subject}</span> ·{' '}
        {entry.occurredAt}
      </p>
    </>
  );
}
