/** Cases that a list can't show as rows, by their ids. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

export function MissingCases({ ids }: { ids: readonly string[] }) {
  const { t } = useTranslation();
  if (ids.length === 0) return null;
  return (
    <p className="muted small">
      {t('figureCases.missing', { count: ids.length })}{' '}
      {ids.map((id) => (
        <Link key={id} className="mono" to="/cases/$caseId" params={{ caseId: id }}>
          {id}{' '}
        </Link>
      ))}
    </p>
  );
}
