/** The board: columns are stages, cards are deployments; a card opens into gate, proposals and acts. */
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { deploymentsQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import type { Deployment } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { OpenAlarms } from './alarm_note';
import { CapacityPanel } from './capacity_panel';
import { ComparisonsPanel } from './comparisons_panel';
import { DeploymentPanel } from './deployment_panel';
import { GatePolicyPanel } from './gate_policy';
import { GateRing } from './gate_ring';
import { NewDeploymentForm } from './new_deployment_form';
import { SitesPanel } from './sites_panel';
import { STAGES } from './stages';
import './rollout.css';

export function RolloutPage() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [chosen, setChosen] = useState<string | null>(null);
  const { use } = useSearch({ from: '/shell/rollout' });
  const navigate = useNavigate();
  const close = () => void navigate({ to: '/rollout', search: {} });
  const isAdministrator = hasRole(viewer, 'ADMINISTRATOR');
  const seesDestinations = hasRole(viewer, 'ADMINISTRATOR', 'QUALITY', 'COORDINATOR');
  const deployments = useQuery({
    queryKey: ['deployments'],
    queryFn: () => askOnClock(deploymentsQuery, {}),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const list = deployments.data?.deployments ?? [];
  const open = list.find(({ id }) => id === chosen) ?? null;
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.rollout')}</h1>
        <span className="spring" />
        {isAdministrator && (
          <Link className="button-link" to="/rollout" search={{ use: '' }}>
            {t('newDeployment.open')}
          </Link>
        )}
        <Link className="button-link" to="/rollout/costs">
          {t('costs.open')}
        </Link>
        {seesDestinations && (
          <Link className="button-link" to="/destinations">
            {t('destinations.open')}
          </Link>
        )}
      </div>
      <OpenAlarms />
      {isAdministrator && use !== undefined && deployments.isSuccess && (
        <NewDeploymentForm
          key={use}
          modelId={use || undefined}
          deployments={list}
          onCreated={(id) => {
            setChosen(id);
            close();
          }}
          onClose={close}
        />
      )}
      {deployments.isPending && <Loading rows={6} />}
      {deployments.isError && (
        <Fault error={deployments.error} onRetry={() => void deployments.refetch()} />
      )}
      {deployments.isSuccess && list.length === 0 && (
        <Empty title={t('rollout.empty.title')}>{t('rollout.empty.text')}</Empty>
      )}
      {list.length > 0 && (
        <div className="board">
          {STAGES.map((stage) => {
            const cards = list.filter((deployment) => deployment.stage === stage);
            return (
              <section key={stage} className="board-column" aria-label={t(`stage.${stage}`)}>
                <h2>
                  <StageBadge value={stage} />
                  <span className="count">{cards.length}</span>
                </h2>
                <p className="small muted">{t(`rollout.stageMeaning.${stage}`)}</p>
                {cards.map((deployment) => (
                  <Card
                    key={deployment.id}
                    deployment={deployment}
                    open={deployment.id === open?.id}
                    onOpen={() => setChosen(deployment.id === chosen ? null : deployment.id)}
                  />
                ))}
              </section>
            );
          })}
        </div>
      )}
      {open && <DeploymentPanel key={open.id} deployment={open} />}
      <ComparisonsPanel deployments={list} />
      <CapacityPanel deployments={list} />
      {deployments.isSuccess && <SitesPanel deployments={list} />}
      <GatePolicyPanel />
    </main>
  );
}

interface CardProps {
  deployment: Deployment;
  open: boolean;
  onOpen: () => void;
}

function Card({ deployment, open, onOpen }: CardProps) {
  const { model } = deployment;
  return (
    <button type="button" className="deployment-card" aria-expanded={open} onClick={onOpen}>
      <span className="card-head">
        <strong>{deployment.name}</strong>
        {deployment.gate && <GateRing gate={deployment.gate} />}
      </span>
      <span className="small">
        {model.name} {model.version} · {deployment.site}
      </span>
      <span className="small muted">
        <Time at={deployment.stageSince} />
      </span>
      {deployment.banner && <span className="small wait">{deployment.banner}</span>}
    </button>
  );
}
