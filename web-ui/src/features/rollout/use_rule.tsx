/** Which series a deployment takes: the rule in force, its versions, and a dry run before another is saved. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { useRuleQuery } from '../../api/rollout_documents';
import type { UseRuleVersion } from '../../api/rollout_types';
import type { Deployment } from '../../api/types';
import { Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { UseRuleForm } from './use_rule_form';

export function UseRuleSection({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [editing, setEditing] = useState(false);
  return (
    <details className="use-rule">
      <summary>
        {t('useRule.title')}: <span className="muted">{deployment.rule.join(' · ')}</span>
      </summary>
      <Versions deploymentId={deployment.id} />
      {hasRole(viewer, 'ADMINISTRATOR') &&
        (editing ? (
          <Editing deploymentId={deployment.id} onClose={() => setEditing(false)} />
        ) : (
          <button type="button" onClick={() => setEditing(true)}>
            {t('useRule.edit')}
          </button>
        ))}
    </details>
  );
}

function useRuleOf(deploymentId: string) {
  return useQuery({
    queryKey: ['useRule', deploymentId],
    queryFn: () => ask(useRuleQuery, { deploymentId }),
  });
}

function Versions({ deploymentId }: { deploymentId: string }) {
  const versions = useRuleOf(deploymentId);
  if (versions.isPending) return <Loading rows={1} />;
  if (versions.isError) {
    return <Fault error={versions.error} onRetry={() => void versions.refetch()} />;
  }
  return (
    <ol className="plain small" reversed>
      {versions.data.useRuleVersions.map((version) => (
        <VersionLine key={version.version} version={version} />
      ))}
    </ol>
  );
}

function VersionLine({ version }: { version: UseRuleVersion }) {
  const { t } = useTranslation();
  const { matched, lookedAt } = version;
  return (
    <li>
      {t('stopRules.version', { version: version.version })} · {version.changedBy} ·{' '}
      <Time at={version.changedAt} /> · {version.reason}
      {version.difference.length > 0 && ` · ${version.difference.join(' · ')}`}
      {lookedAt !== null && ` · ${t('useRule.dryRunSaid', { matched, lookedAt })}`}
    </li>
  );
}

function Editing({ deploymentId, onClose }: { deploymentId: string; onClose: () => void }) {
  const rule = useRuleOf(deploymentId);
  const inForce = rule.data?.deployments.find(({ id }) => id === deploymentId)?.useRule;
  return inForce ? (
    <UseRuleForm deploymentId={deploymentId} inForce={inForce} onClose={onClose} />
  ) : null;
}
