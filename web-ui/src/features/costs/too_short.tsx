/** Says that nothing is told of a month, and from when on it will be. */
import { useTranslation } from 'react-i18next';
import type { Account } from '../../api/costs_types';
import { inDuration } from './duration';

export function TooShort({ account }: { account: Account }) {
  const { t, i18n } = useTranslation();
  if (account.releasedAMonth !== null) return null;
  const duration = inDuration(account.coveredHours, i18n.language);
  return <p className="note">{t('costs.tooShort', { duration })}</p>;
}
