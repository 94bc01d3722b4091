/** Discussions as rows that are walked by keys. */
import { useTranslation } from 'react-i18next';
import type { Discussion } from '../../api/discussion_documents';
import { Badge } from '../../components/badge';
import { Time } from '../../components/time';

interface DiscussionListProps {
  rows: readonly Discussion[];
  selected: string | null;
  onSelect: (id: string) => void;
}

export function DiscussionList({ rows, selected, onSelect }: DiscussionListProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than its place is scrolled by keys
    <section className="table-scroll" tabIndex={0} aria-label={t('learning.list')}>
      <table className="case-table discussion-table">
        <caption className="visually-hidden">{t('learning.list')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('learning.question')}</th>
            <th scope="col">{t('learning.about')}</th>
            <th scope="col">{t('learning.state')}</th>
            <th scope="col" className="number">
              {t('learning.contributions')}
            </th>
            <th scope="col">{t('learning.openedAt')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id} aria-selected={row.id === selected} onClick={() => onSelect(row.id)}>
              <td className="asked">
                <button type="button" className="row-link" onClick={() => onSelect(row.id)}>
                  {row.question}
                </button>
              </td>
              <td>{t(`discussionKind.${row.kind}`)}</td>
              <td>
                <StateBadge isOpen={row.learningPoint === null} />
              </td>
              <td className="number">{row.contributions.length}</td>
              <td>
                <Time at={row.openedAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function StateBadge({ isOpen }: { isOpen: boolean }) {
  const { t } = useTranslation();
  return (
    <Badge icon={isOpen ? 'pen' : 'check'} tone={isOpen ? 'wait' : 'good'}>
      {t(isOpen ? 'learning.isOpen' : 'learning.isClosed')}
    </Badge>
  );
}
