/** Another window saved meanwhile: the reader chooses which draft counts. */
import { useTranslation } from 'react-i18next';
import type { Draft } from '../../api/types';
import { Time } from '../../components/time';

interface DraftConflictProps {
  stored: Draft;
  onKeep: () => void;
  onTake: (stored: Draft) => void;
}

export function DraftConflict({ stored, onKeep, onTake }: DraftConflictProps) {
  const { t } = useTranslation();
  return (
    <div className="room-notice note note-wait" role="alert">
      <strong>{t('reading.conflict.title')}</strong>
      <p>
        {t('reading.conflict.text', { count: stored.findings.length, version: stored.version })}{' '}
        <Time at={stored.savedAt} />
      </p>
      <div className="row-actions">
        <button type="button" onClick={() => onTake(stored)}>
          {t('reading.conflict.take')}
        </button>
        <button type="button" onClick={onKeep}>
          {t('reading.conflict.keep')}
        </button>
      </div>
    </div>
  );
}
