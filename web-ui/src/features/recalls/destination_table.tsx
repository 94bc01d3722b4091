/** What the cases of a selection came to at each destination. */
import { useTranslation } from 'react-i18next';
import type { RecallDestination } from '../../api/recall_campaigns';

const COLUMNS = [
  'sends',
  'withObjects',
  'notesQueued',
  'notesFollowing',
  'gone',
  'nothingSent',
  'closedByHand',
] as const;

export function DestinationTable({ rows }: { rows: readonly RecallDestination[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return <p className="muted">{t('recalls.nowhere')}</p>;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('recalls.destination')}</th>
          {COLUMNS.map((column) => (
            <th key={column} scope="col">
              {t(`recalls.at.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.destination}>
            <td className="mono">{row.destination}</td>
            {COLUMNS.map((column) => (
              <td key={column}>{row[column]}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
