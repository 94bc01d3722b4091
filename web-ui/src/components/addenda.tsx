/** What a reader wrote after their read was final. */
import { useTranslation } from 'react-i18next';
import type { Addendum } from '../api/types';
import { Time } from './time';

export function Addenda({ addenda }: { addenda: readonly Addendum[] }) {
  const { t } = useTranslation();
  if (addenda.length === 0) return null;
  return (
    <ul className="addenda small" aria-label={t('addendum.list')}>
      {addenda.map(({ stance, words, writtenAt }) => (
        <li key={`${writtenAt} ${words}`}>
          <strong className={stance === 'CHANGES' ? 'wait' : undefined}>
            {t(`addendum.${stance}`)}
          </strong>{' '}
          · <Time at={writtenAt} /> · {words}
        </li>
      ))}
    </ul>
  );
}
