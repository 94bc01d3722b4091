import { useTranslation } from 'react-i18next';
import type { LedgerStatus } from '../../api/types';
import { Badge } from '../../components/badge';
import { Copyable } from '../../components/copyable';

export function LedgerStatusPanel({ status }: { status: LedgerStatus }) {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-label={t('ledger.status')}>
      <dl className="facts">
        <dt>{t('ledger.size')}</dt>
        <dd>{t('ledger.entries', { count: status.size })}</dd>
        <dt>{t('ledger.root')}</dt>
        <dd>
          <Copyable text={status.root} length={44} />
        </dd>
        <dt>{t('ledger.checkpoint')}</dt>
        <dd>
          {status.checkpoint ? (
            <code className="checkpoint">{status.checkpoint}</code>
          ) : (
            <span className="muted">{t('ledger.noCheckpoint')}</span>
          )}
        </dd>
        <dt>{t('ledger.gaps')}</dt>
        <dd>
          {status.gaps.length === 0 ? (
            <Badge icon="check" tone="good">
              {t('ledger.noGaps')}
            </Badge>
          ) : (
            <div role="alert">
              <ul className="outcomes bad">
                {status.gaps.map((gap) => (
                  <li key={gap}>{gap}</li>
                ))}
              </ul>
            </div>
          )}
        </dd>
      </dl>
    </section>
  );
}
