/** Versions of prices or of a plan: who put each in force, when, why, and what it changed. */
import { useTranslation } from 'react-i18next';
import type { Version } from '../../api/costs_types';
import { History } from '../../components/history';

export function TermsHistory({ versions }: { versions: readonly Version[] }) {
  const { t } = useTranslation();
  return (
    <History
      summary={t('costs.history', { count: versions.length })}
      versions={versions.map(({ version, changedAt, changedBy, reason, difference }) => ({
        number: version,
        at: changedAt,
        by: changedBy,
        changed: difference.join(' · '),
        reason,
      }))}
    />
  );
}
