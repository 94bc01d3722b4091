/** One deployment: where it stands, what the next stage asks for, who proposed what, and Stop. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Deployment } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { Demotion } from './demotion';
import { GateTable } from './gate_table';
import { ProposalForm } from './proposal_form';
import { ProposalView } from './proposal_view';
import { StopRules } from './stop_rules';
import { UseRuleSection } from './use_rule';

export function DeploymentPanel({ deployment }: { deployment: Deployment }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  return (
    <section className="panel" aria-label={deployment.name}>
      <div className="page-head">
        <h2>{deployment.name}</h2>
        <StageBadge value={deployment.stage} />
        <span className="muted">
          {deployment.model.name} {deployment.model.version} · {deployment.site} · {deployment.pool}{' '}
          ·{' '}
          {deployment.texturePercent > 0 && (
            <>{t('rollout.textureKept', { percent: deployment.texturePercent })} · </>
          )}
          <Time at={deployment.stageSince} />
        </span>
        <span className="spring" />
        <Link to="/rollout/costs" search={{ deployment: deployment.id }}>
          {t('costs.open')}
        </Link>
        {hasRole(viewer, 'QUALITY', 'ADJUDICATOR') && (
          <Link to="/recalls" search={{ deployment: deployment.id }}>
            {t('recalls.openFor')}
          </Link>
        )}
        <Demotion deployment={deployment} />
      </div>
      {deployment.banner && <p className="note note-wait">{deployment.banner}</p>}
      <UseRuleSection deployment={deployment} />
      {deployment.gate ? (
        <GateTable deploymentId={deployment.id} gate={deployment.gate} />
      ) : (
        <p className="muted">{t('rollout.noGate')}</p>
      )}
      {deployment.proposals.map((proposal) => (
        <ProposalView key={proposal.id} proposal={proposal} />
      ))}
      {hasRole(viewer, 'ADMINISTRATOR') && <ProposalForm deployment={deployment} />}
      <StopRules deployment={deployment} />
    </section>
  );
}
