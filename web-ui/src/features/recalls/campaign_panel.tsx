/** One recall of a selection: what it takes back, the second person's word, and how far it is everywhere. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import {
  confirmRecallCampaignMutation,
  type RecallCampaign,
  recallCampaignCasesQuery,
  recallCampaignQuery,
  type SelectedSet,
  withdrawRecallCampaignMutation,
} from '../../api/recall_campaigns';
import { Act } from '../../components/act';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { CampaignBadge, SelectionWords } from './campaign_words';
import { DestinationTable } from './destination_table';
import { SelectedCases } from './selected_cases';

export function CampaignPanel({ id }: { id: string }) {
  const { t } = useTranslation();
  const found = useQuery({
    queryKey: ['recall-campaign', id],
    queryFn: () => ask(recallCampaignQuery, { id }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  const campaign = found.data?.recallCampaign;
  return (
    <section className="panel" aria-label={t('recalls.one')}>
      {found.isPending && <Loading rows={4} />}
      {found.isError && <Fault error={found.error} onRetry={() => void found.refetch()} />}
      {campaign === null && <Empty title={t('recalls.gone.title')}>{t('recalls.gone.text')}</Empty>}
      {campaign && (
        <>
          <div className="page-head">
            <h2>
              <SelectionWords campaign={campaign} />
            </h2>
            <CampaignBadge value={campaign.state} />
          </div>
          <History campaign={campaign} />
          {campaign.state === 'PROPOSED' && campaign.now && (
            <Decision key={campaign.id} campaign={campaign} now={campaign.now} />
          )}
          {campaign.confirmed !== null && <Progress campaign={campaign} />}
          <h3>{t('recalls.destinations')}</h3>
          <DestinationTable rows={campaign.destinations} />
          <SelectedCases
            queryKey={['recall-campaign-cases', id]}
            refetchInterval={campaign.state === 'UNDER_WAY' ? POLL_INTERVAL_MS : false}
            load={async (first, after) => {
              const page = await ask(recallCampaignCasesQuery, { id, first, after });
              return (
                page.recallCampaign?.cases ?? {
                  nodes: [],
                  pageInfo: { hasNextPage: false, endCursor: null },
                }
              );
            }}
          />
        </>
      )}
    </section>
  );
}

function History({ campaign }: { campaign: RecallCampaign }) {
  const { t } = useTranslation();
  const { confirmedBy, confirmedAt, withdrawnBy, withdrawnAt, completedAt } = campaign;
  return (
    <>
      <p>{campaign.reason}</p>
      <p className="muted small">
        {t('recalls.proposedBy', { name: campaign.proposedBy, count: campaign.named })}{' '}
        <Time at={campaign.proposedAt} />
        {confirmedBy && confirmedAt && (
          <>
            {' · '}
            {t('recalls.confirmedBy', { name: confirmedBy, count: campaign.confirmed ?? 0 })}{' '}
            <Time at={confirmedAt} />
          </>
        )}
        {completedAt && (
          <>
            {' · '}
            {t('recalls.completed')} <Time at={completedAt} />
          </>
        )}
        {withdrawnBy && withdrawnAt && (
          <>
            {' · '}
            {t('recalls.withdrawnBy', { name: withdrawnBy, words: campaign.withdrawal ?? '' })}{' '}
            <Time at={withdrawnAt} />
          </>
        )}
      </p>
    </>
  );
}

function Progress({ campaign }: { campaign: RecallCampaign }) {
  const { t } = useTranslation();
  const total = campaign.confirmed ?? 0;
  return (
    <div role="status">
      <p>
        {t('recalls.done', { done: campaign.recalled, count: total })}
        {campaign.left > 0 && ` · ${t('recalls.leftCount', { count: campaign.left })}`}
      </p>
      <progress max={total} value={campaign.recalled} aria-label={t('recalls.progress')} />
    </div>
  );
}

interface DecisionProps {
  campaign: RecallCampaign;
  now: NonNullable<RecallCampaign['now']>;
}

/** The second person decides over the set that they looked at, whatever comes to it meanwhile. */
function Decision({ campaign, now }: DecisionProps) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const [seen, setSeen] = useState<SelectedSet>(now.set);
  const isStale = now.set.digest !== seen.digest;
  const look = () => {
    void queries.invalidateQueries({ queryKey: ['recall-campaign', campaign.id] });
    void queries.invalidateQueries({ queryKey: ['recall-campaign-cases', campaign.id] });
    void queries.invalidateQueries({ queryKey: ['recall-campaigns'] });
  };
  const isOwn = campaign.proposedBy === viewer.username;
  return (
    <>
      <p>
        <strong>{t('recalls.wouldTake', { count: now.set.cases })}</strong>
        {now.releasedSince > 0 && ` ${t('recalls.releasedSince', { count: now.releasedSince })}`}
        {now.noLonger > 0 && ` ${t('recalls.noLonger', { count: now.noLonger })}`}
      </p>
      <p className="muted">{t('recalls.held')}</p>
      {isStale && (
        <div className="note note-wait" role="alert">
          <p>{t('recalls.changed', { before: seen.cases, count: now.set.cases })}</p>
          <button
            type="button"
            onClick={() => {
              setSeen(now.set);
              look();
            }}
          >
            {t('recalls.lookAgain')}
          </button>
        </div>
      )}
      {hasRole(viewer, 'QUALITY', 'ADJUDICATOR') && (
        <div className="row-actions">
          {isOwn && <p className="muted">{t('recalls.own')}</p>}
          {!isOwn && !isStale && (
            <Act
              word={t('recalls.confirm')}
              meaning={t('recalls.confirmMeaning', { count: seen.cases })}
              done={t('recalls.confirmed')}
              danger
              run={async () => {
                const input = { campaignId: campaign.id, set: seen };
                const answer = await ask(confirmRecallCampaignMutation, { input });
                if (answer.confirmRecallCampaign.refusal) look();
                return answer.confirmRecallCampaign.refusal;
              }}
              onDone={look}
            />
          )}
          <Act
            word={t('recalls.withdraw')}
            meaning={t('recalls.withdrawMeaning')}
            done={t('recalls.withdrawn')}
            reason={t('recalls.reason')}
            run={async (reason) => {
              const input = { campaignId: campaign.id, reason };
              const answer = await ask(withdrawRecallCampaignMutation, { input });
              return answer.withdrawRecallCampaign.refusal;
            }}
            onDone={look}
          />
        </div>
      )}
    </>
  );
}
