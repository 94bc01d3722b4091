/** Versions of prices or of a plan: who put each in force, when, why, and what it changed. */
import { useTranslation } from 'react-i18next';
import type { Version } from '../../api/costs_types';
import { ExactTime } from '../../components/time';

export function TermsHistory({ versions }: { versions: readonly Version[] }) {
  const { t } = useTranslation();
  return (
    <details>
      <summary>{t('costs.history', { count: versions.length })}</summary>
      <ol className="plain small">
        {versions.map((version) => (
          <li key={version.version}>
            {t('stopRules.version', { version: version.version })}
            {version.changedBy && ` · ${version.changedBy}`}
            {version.changedAt && (
              <>
                {' '}
                · <ExactTime at={version.changedAt} />
              </>
            )}{' '}
            · {version.reason}
            {version.difference.length > 0 && ` · ${version.difference.join(' · ')}`}
          </li>
        ))}
      </ol>
    </details>
  );
}
