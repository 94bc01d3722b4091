/** What a destination said about single objects: warnings and refusals. */
import { useTranslation } from 'react-i18next';
import type { SendRemark } from '../../api/types';
import { Badge } from '../../components/badge';
import { Copyable } from '../../components/copyable';

export function SendRemarks({ remarks }: { remarks: readonly SendRemark[] }) {
  const { t } = useTranslation();
  if (remarks.length === 0) return null;
  const refused = remarks.some(({ stored }) => !stored);
  return (
    <details className="remarks" open={refused}>
      <summary className={refused ? 'bad' : 'wait'}>
        {t('remarks.title', { count: remarks.length })}
      </summary>
      <ul className="standing">
        {remarks.map(({ sopInstanceUid, role, status, comment, stored }) => (
          <li key={sopInstanceUid}>
            <Badge icon={stored ? 'warning' : 'cross'} tone={stored ? 'wait' : 'bad'}>
              {t(stored ? 'remarks.stored' : 'remarks.refused')}
            </Badge>{' '}
            <code>{status}</code> {comment}
            <p className="muted small">
              {role} <Copyable text={sopInstanceUid} length={28} />
            </p>
          </li>
        ))}
      </ul>
    </details>
  );
}
