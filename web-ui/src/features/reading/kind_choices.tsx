/** Of which kind the next mark is; then it waits for its place. */
import { useTranslation } from 'react-i18next';
import type { FindingKind } from '../../api/types';

interface KindChoicesProps<Kind extends FindingKind> {
  /** In the order of their keys after `M`. */
  kinds: readonly Kind[];
  /** The kind being placed; 'choose' after `M`. */
  marking: Kind | 'choose' | null;
  /** On which panes a mark may be placed. */
  where: string;
  onMark: (kind: Kind | null) => void;
}

export function KindChoices<Kind extends FindingKind>(props: KindChoicesProps<Kind>) {
  const { kinds, marking, where, onMark } = props;
  const { t } = useTranslation();
  return (
    <>
      <fieldset className={marking === 'choose' ? 'choices choices-waiting' : 'choices'}>
        <legend className="visually-hidden">{t('reading.markKind')}</legend>
        {kinds.map((kind, index) => (
          <button
            key={kind}
            type="button"
            aria-pressed={marking === kind}
            onClick={() => onMark(marking === kind ? null : kind)}
          >
            <kbd>{index + 1}</kbd>
            {t(`finding.${kind}`)}
          </button>
        ))}
      </fieldset>
      {marking && (
        <p className="small" role="status">
          {marking === 'choose'
            ? t('reading.chooseKind', { last: kinds.length })
            : t('reading.placeFinding', { kind: t(`finding.${marking}`), where })}
        </p>
      )}
    </>
  );
}
