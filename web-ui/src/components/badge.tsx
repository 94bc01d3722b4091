/** States as icon, word and colour together. */
import { useTranslation } from 'react-i18next';
import type { CaseState, Priority, SendState, Stage, Verdict } from '../api/types';
import { Icon, type IconName } from './icon';

type Tone = 'good' | 'wait' | 'bad' | 'scales' | 'past' | 'plain';

export function Badge({ icon, tone, children }: { icon: IconName; tone: Tone; children: string }) {
  return (
    <span className={`badge ${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  );
}

const CASE_STATE: Record<CaseState, [IconName, Tone]> = {
  QUEUED: ['clock', 'plain'],
  READING: ['pen', 'plain'],
  DISCORDANT: ['scales', 'scales'],
  ADJUDICATING: ['scales', 'scales'],
  RELEASED: ['check', 'good'],
  REJECTED: ['cross', 'bad'],
  EVALUATED: ['check', 'past'],
  HELD: ['pause', 'wait'],
  DEFERRED: ['clock', 'wait'],
  SUPERSEDED: ['arrow', 'past'],
  EXPIRED: ['clock', 'past'],
  RECALLED: ['warning', 'bad'],
};
const STAGE: Record<Stage, [IconName, Tone]> = {
  SUSPENDED: ['pause', 'bad'],
  SHADOW: ['circle', 'past'],
  PILOT: ['play', 'wait'],
  SUPERVISED: ['play', 'plain'],
  GENERAL: ['check', 'good'],
};
const PRIORITY: Record<Priority, [IconName, Tone]> = {
  STAT: ['warning', 'bad'],
  URGENT: ['play', 'wait'],
  ROUTINE: ['circle', 'plain'],
  OFF_PEAK: ['pause', 'past'],
};
const SEND_STATE: Record<SendState, [IconName, Tone]> = {
  QUEUED: ['clock', 'plain'],
  SENDING: ['send', 'wait'],
  DELIVERED: ['check', 'good'],
  HELD: ['pause', 'wait'],
};
const VERDICT: Record<Verdict, [IconName, Tone]> = {
  ACCEPT: ['check', 'good'],
  ACCEPT_WITH_LIMITATION: ['warning', 'wait'],
  REJECT: ['cross', 'bad'],
  CANNOT_JUDGE: ['question', 'past'],
};

export function CaseStateBadge({ value }: { value: CaseState }) {
  const { t } = useTranslation();
  const [icon, tone] = CASE_STATE[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`caseState.${value}`)}
    </Badge>
  );
}

export function PriorityBadge({ value }: { value: Priority }) {
  const { t } = useTranslation();
  const [icon, tone] = PRIORITY[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`priority.${value}`)}
    </Badge>
  );
}

export function StageBadge({ value }: { value: Stage }) {
  const { t } = useTranslation();
  const [icon, tone] = STAGE[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`stage.${value}`)}
    </Badge>
  );
}

export function SendStateBadge({ value }: { value: SendState }) {
  const { t } = useTranslation();
  const [icon, tone] = SEND_STATE[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`sendState.${value}`)}
    </Badge>
  );
}

export function VerdictBadge({ value }: { value: Verdict }) {
  const { t } = useTranslation();
  const [icon, tone] = VERDICT[value];
  return (
    <Badge icon={icon} tone={tone}>
      {t(`verdict.${value}`)}
    </Badge>
  );
}
