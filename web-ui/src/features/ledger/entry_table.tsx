import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerEntry } from '../../api/types';
import { Badge } from '../../components/badge';
import { Copyable } from '../../components/copyable';
import { Sentence } from '../../components/sentence';
import { ExactTime } from '../../components/time';
import { Proofs } from './proofs';

const COLUMNS = 7;

interface EntryTableProps {
  entries: readonly LedgerEntry[];
  /** Entries that the newest checkpoint vouches for; null while that is not known. */
  signed: number | null;
}

export function EntryTable({ entries, signed }: EntryTableProps) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<number | null>(null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than its place is scrolled by keys
    <section className="table-scroll" tabIndex={0} aria-label={t('nav.ledger')}>
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
            <th scope="col">{t('proof.proof')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Fragment key={entry.index}>
              <tr>
                <td className="number muted">{entry.index}</td>
                <td>
                  <ExactTime at={entry.occurredAt} />
                </td>
                <td>
                  <Sentence text={entry.sentence} own={null} />
                </td>
                <td>
                  <Link to="/ledger" search={{ subject: entry.subject }} className="mono">
                    {entry.subject}
                  </Link>
                </td>
                <td className="source muted small">
                  {entry.service} {entry.seq}
                </td>
                <td>
                  <Copyable text={entry.leaf} length={10} />
                </td>
                <td>
                  <button
                    type="button"
                    className="quiet"
                    aria-expanded={opened === entry.index}
                    aria-label={`${t(badgeWord(signed, entry.index))}: ${t('proof.of', { index: entry.index })}`}
                    onClick={() => setOpened(opened === entry.index ? null : entry.index)}
                  >
                    <ProofBadge word={badgeWord(signed, entry.index)} />
                  </button>
                </td>
              </tr>
              {opened === entry.index && (
                <tr className="proofs">
                  <td colSpan={COLUMNS}>
                    <Proofs index={entry.index} signed={signed} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const BADGES = {
  'ledgerSearch.badge.signed': ['check', 'good'],
  'ledgerSearch.badge.waits': ['clock', 'wait'],
} as const;

/** Whether a checkpoint vouches for an entry already; what that means is told when it is opened. */
const badgeWord = (signed: number | null, index: number): keyof typeof BADGES =>
  signed !== null && index < signed ? 'ledgerSearch.badge.signed' : 'ledgerSearch.badge.waits';

function ProofBadge({ word }: { word: keyof typeof BADGES }) {
  const { t } = useTranslation();
  const [icon, tone] = BADGES[word];
  return (
    <Badge icon={icon} tone={tone}>
      {t(word)}
    </Badge>
  );
}
