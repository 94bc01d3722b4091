/** How far a recall is, and what it is of, in words. */
import { useTranslation } from 'react-i18next';
import type { RecallCampaign, RecallCampaignState } from '../../api/recall_campaigns';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';

const FACE: Record<RecallCampaignState, [IconName, 'wait' | 'bad' | 'good' | 'past']> = {
  PROPOSED: ['warning', 'wait'],
  UNDER_WAY: ['clock', 'bad'],
  COMPLETED: ['check', 'good'],
  WITHDRAWN: ['circle', 'past'],
};

export function CampaignBadge({ value }: { value: RecallCampaignState }) {
  const { t } = useTranslation();
  const [icon, tone] = FACE[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`campaignState.${value}`)}
    </Badge>
  );
}

/** An instant to the second, in UTC as it was entered. */
const utc = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;

export function SelectionWords({ campaign }: { campaign: RecallCampaign }) {
  const { t } = useTranslation();
  const { model, deployment, from, until } = campaign;
  const words = [
    model && `${model.name} ${model.version}`,
    deployment?.name,
    from && t('recalls.since', { at: utc(from) }),
    until && t('recalls.upTo', { at: utc(until) }),
  ];
  return <>{words.filter(Boolean).join(' · ')}</>;
}
