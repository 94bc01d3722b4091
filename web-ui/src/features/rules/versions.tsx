/** Every version of the rules: who put it in force, when, why, and what it changed. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ReviewPolicy } from '../../api/oversight_types';
import { ExactTime } from '../../components/time';
import { differences } from './policy_difference';
import { useRuleWords } from './rule_words';

/** What the ledger calls a version. */
const subjectOf = ({ version }: ReviewPolicy) => `review policy ${version}`;

/** `versions`: newest first; the last stands in the configuration. */
export function Versions({ versions }: { versions: readonly ReviewPolicy[] }) {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-labelledby="rule-versions">
      <h2 id="rule-versions">{t('rules.versions')}</h2>
      <ol className="versions">
        {versions.map((version, index) => (
          <Version key={version.version} version={version} before={versions[index + 1] ?? null} />
        ))}
      </ol>
    </section>
  );
}

function Version({ version, before }: { version: ReviewPolicy; before: ReviewPolicy | null }) {
  const { t } = useTranslation();
  const { changeOf } = useRuleWords();
  const changes = before ? differences(before, version) : [];
  return (
    <li>
      <div className="row-actions">
        <strong>{t('rules.version', { version: version.version })}</strong>
        {version.adoptedAt ? (
          <span className="muted">
            {version.adoptedBy} · <ExactTime at={version.adoptedAt} />
          </span>
        ) : (
          <span className="muted">{t('rules.fromConfiguration')}</span>
        )}
        <span className="spring" />
        {version.adoptedAt && (
          <Link to="/ledger" search={{ subject: subjectOf(version) }}>
            {t('nav.ledger')}
          </Link>
        )}
      </div>
      {version.reason && <p>{version.reason}</p>}
      {before && (
        <ul>
          {changes.map((change) => (
            <li key={change.rule}>{changeOf(change)}</li>
          ))}
          {changes.length === 0 && <li className="muted">{t('rules.nothingChanged')}</li>}
        </ul>
      )}
    </li>
  );
}
