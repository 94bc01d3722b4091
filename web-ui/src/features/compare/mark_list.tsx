/** Where a reader marked errors on one side. */
import { useTranslation } from 'react-i18next';
import type { ErrorMark } from '../../api/comparison_documents';
import { Icon } from '../../components/icon';
import { Side } from '../reading/finding_list';

interface MarkListProps {
  /** What is marked, as it is said aloud. */
  label: string;
  marks: readonly ErrorMark[];
  onGo: (mark: ErrorMark) => void;
  onRemove: (index: number) => void;
}

export function MarkList({ label, marks, onGo, onRemove }: MarkListProps) {
  const { t } = useTranslation();
  if (marks.length === 0) return null;
  return (
    <ol className="entries" aria-label={label}>
      {marks.map((mark, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: marks have no ids of their own
        <li className="entry" key={index}>
          <div className="entry-head">
            <button type="button" className="quiet entry-name" onClick={() => onGo(mark)}>
              <span className="finding-number">{index + 1}</span>
              {t(`finding.${mark.kind}`)}
            </button>
            <Side centreMm={mark.centreMm} />
            <button
              type="button"
              className="quiet"
              aria-label={t('compare.removeMark', { number: index + 1, label })}
              onClick={() => onRemove(index)}
            >
              <Icon name="cross" />
            </button>
          </div>
        </li>
      ))}
    </ol>
  );
}
