/** How much time a case has left: a light, its word and the time together. */
import { useTranslation } from 'react-i18next';
import { Badge } from './badge';
import { useRelativeTime } from './time';
import { type Urgency, urgencyOf } from './urgency';

const LOOKS = {
  overdue: ['warning', 'bad'],
  soon: ['clock', 'wait'],
  later: ['circle', 'good'],
} as const satisfies Record<Urgency, unknown>;

export function Due({ of }: { of: { escalatesAt: string; dueAt: string } }) {
  const { t } = useTranslation();
  const words = useRelativeTime(of.dueAt);
  const urgency = urgencyOf(of, new Date());
  const [icon, tone] = LOOKS[urgency];
  return (
    <time dateTime={of.dueAt} title={words.exact}>
      <Badge icon={icon} tone={tone}>
        {t(`case.urgency.${urgency}`, { time: words.relative })}
      </Badge>
    </time>
  );
}
