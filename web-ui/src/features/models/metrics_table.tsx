import { useTranslation } from 'react-i18next';
import type { Json } from '../../api/types';
import { metricGroups } from './metrics';

const words = (name: string) => name.replaceAll('_', ' ');

export function MetricsTable({ metrics }: { metrics: Json }) {
  const { t } = useTranslation();
  const groups = metricGroups(metrics);
  if (groups.length === 0) return <p className="muted">{t('models.noMetrics')}</p>;
  return (
    <table className="metrics">
      <thead>
        <tr>
          <th scope="col">{t('models.metric')}</th>
          <th scope="col" className="number">
            {t('models.value')}
          </th>
        </tr>
      </thead>
      {groups.map(([group, rows]) => (
        <tbody key={group}>
          {rows.length > 1 && (
            <tr>
              <th scope="rowgroup" colSpan={2}>
                {words(group)}
              </th>
            </tr>
          )}
          {rows.map((row) => (
            <tr key={row.path.join('.')}>
              <td>{words((rows.length > 1 ? row.path.slice(1) : row.path).join(' · '))}</td>
              <td className="number">{row.value}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}
