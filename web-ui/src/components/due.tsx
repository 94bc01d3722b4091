/** How much time a case has left: icon, words and colour together. */
import { Badge } from './badge';
import { useRelativeTime } from './time';
import { urgencyOf } from './urgency';

const LOOKS = {
  overdue: ['warning', 'bad'],
  soon: ['clock', 'wait'],
  later: ['clock', 'plain'],
} as const;

export function Due({ at }: { at: string }) {
  const words = useRelativeTime(at);
  const [icon, tone] = LOOKS[urgencyOf(new Date(at), new Date())];
  return (
    <time dateTime={at} title={words.exact}>
      <Badge icon={icon} tone={tone}>
        {words.relative}
      </Badge>
    </time>
  );
}
