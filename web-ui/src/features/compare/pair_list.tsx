/** Pairs that this reader may compare, in an order of their own. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ComparisonPair } from '../../api/comparison_documents';

export function PairList({ pairs }: { pairs: readonly ComparisonPair[] }) {
  const { t } = useTranslation();
  if (pairs.length === 0) return null;
  return (
    <section className="panel" aria-label={t('compare.list')}>
      <h2>{t('compare.list')}</h2>
      <p className="muted small">{t('compare.listText')}</p>
      <table>
        <tbody>
          {pairs.map(({ id, availability, source }) => (
            <tr key={id}>
              <td>
                {source.modality} · {source.bodyPartExamined} · {source.seriesDescription}
              </td>
              <td>
                <Link to="/compare/$pairId" params={{ pairId: id }}>
                  {t(availability === 'MINE' ? 'compare.goOn' : 'compare.start')}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
