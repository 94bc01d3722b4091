import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { LedgerEntry } from '../../api/types';
import { Copyable } from '../../components/copyable';
import { Time } from '../../components/time';

export function EntryTable({ entries }: { entries: readonly LedgerEntry[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col" className="number">
            {t('ledger.index')}
          </th>
          <th scope="col">{t('ledger.when')}</th>
          <th scope="col">{t('ledger.what')}</th>
          <th scope="col">{t('ledger.subject')}</th>
          <th scope="col">{t('ledger.source')}</th>
          <th scope="col">{t('ledger.leaf')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <tr key={entry.index}>
            <td className="number muted">{entry.index}</td>
            <td>
              <Time at={entry.occurredAt} />
            </td>
            <td>{entry.sentence}</td>
            <td>
              <Link to="/ledger" search={{ subject: entry.subject }} className="mono">
                {entry.subject}
              </Link>
            </td>
            <td className="muted small">
              {entry.service} {entry.seq}
            </td>
            <td>
              <Copyable text={entry.leaf} length={10} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
