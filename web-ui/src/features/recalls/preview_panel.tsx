/** What a recall of a selection would take back, before anything changes. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  proposeRecallCampaignMutation,
  type RecallPreview,
  type RecallSelection,
  recallPreviewCasesQuery,
  recallPreviewQuery,
  type SelectedDeployment,
} from '../../api/recall_campaigns';
import { Act } from '../../components/act';
import { Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { DestinationTable } from './destination_table';
import { SelectedCases } from './selected_cases';

export function PreviewPanel({ selection }: { selection: RecallSelection }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['recall-preview', selection],
    queryFn: () => ask(recallPreviewQuery, { selection }),
    // What is proposed is what was shown: it changes only when somebody looks again.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  return (
    <section className="panel" aria-label={t('recalls.preview')}>
      <div className="page-head">
        <h2>{t('recalls.preview')}</h2>
        {found.data && (
          <span className="muted small">
            {t('recalls.lookedAt')} <Time at={found.data.recallPreview.resolvedAt} />
          </span>
        )}
        <span className="spring" />
        <button type="button" disabled={found.isFetching} onClick={() => void found.refetch()}>
          {t('recalls.lookAgain')}
        </button>
      </div>
      {found.isPending && <Loading rows={4} />}
      {found.isError && <Fault error={found.error} onRetry={() => void found.refetch()} />}
      {found.data && <Shown selection={selection} preview={found.data.recallPreview} />}
    </section>
  );
}

interface ShownProps {
  selection: RecallSelection;
  preview: RecallPreview;
}

function Shown({ selection, preview }: ShownProps) {
  const { t } = useTranslation();
  return (
    <>
      <p>
        <strong>{t('recalls.wouldTake', { count: preview.set.cases })}</strong>{' '}
        {t('recalls.ofReleased', {
          released: preview.released,
          recalled: preview.recalled,
          proposed: preview.recallProposed,
        })}
      </p>
      <DeploymentTable rows={preview.deployments} />
      <h3>{t('recalls.destinations')}</h3>
      <DestinationTable rows={preview.destinations} />
      <SelectedCases
        queryKey={['recall-preview-cases', selection, preview.set.digest]}
        load={async (first, after) => {
          const page = await ask(recallPreviewCasesQuery, { selection, first, after });
          return page.recallPreview.cases;
        }}
      />
      {preview.set.cases > 0 && <Propose selection={selection} preview={preview} />}
    </>
  );
}

function DeploymentTable({ rows }: { rows: readonly SelectedDeployment[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('recalls.deployment')}</th>
          <th scope="col">{t('recalls.version')}</th>
          <th scope="col">{t('recalls.released')}</th>
          <th scope="col">{t('recalls.recalledBefore')}</th>
          <th scope="col">{t('recalls.proposedAlone')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={`${row.deployment.id} ${row.model.id}`}>
            <td>{row.deployment.name}</td>
            <td>
              {row.model.name} {row.model.version}
            </td>
            <td>{row.released}</td>
            <td>{row.recalled}</td>
            <td>{row.recallProposed}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Propose({ selection, preview }: ShownProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (
    <Act
      word={t('recalls.propose')}
      meaning={t('recalls.proposeMeaning', { count: preview.set.cases })}
      done={t('recalls.proposed')}
      reason={t('recalls.reason')}
      danger
      run={async (reason) => {
        const input = { selection, set: preview.set, reason };
        const { proposeRecallCampaign } = await ask(proposeRecallCampaignMutation, { input });
        const { campaign, refusal } = proposeRecallCampaign;
        if (campaign) void navigate({ to: '/recalls', search: { campaign: campaign.id } });
        return refusal;
      }}
      onDone={() => void queries.invalidateQueries({ queryKey: ['recall-campaigns'] })}
    />
  );
}
