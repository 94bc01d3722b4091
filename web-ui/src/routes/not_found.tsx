import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../components/note';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <main className="page">
      <Empty title={t('common.notFound')}>
        <Link to="/">{t('common.toFirstPlace')}</Link>
      </Empty>
    </main>
  );
}
