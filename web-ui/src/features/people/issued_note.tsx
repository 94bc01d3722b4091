/** A password that was made for somebody: shown once, to be handed over. */
import { useTranslation } from 'react-i18next';
import type { IssuedPassword } from '../../api/account_documents';
import { Copyable } from '../../components/copyable';
import { Time } from '../../components/time';

interface IssuedNoteProps {
  issued: IssuedPassword;
  onClose: () => void;
}

export function IssuedNote({ issued, onClose }: IssuedNoteProps) {
  const { t } = useTranslation();
  return (
    <div className="note note-wait issued" role="status">
      <p>{t('people.account.issued', { name: issued.username })}</p>
      <p>
        <Copyable text={issued.password} length={issued.password.length} />
      </p>
      <p>
        {t('people.account.issuedUntil')} <Time at={issued.until} />
      </p>
      <div className="row-actions">
        <button type="button" onClick={onClose}>
          {t('people.account.handedOver')}
        </button>
      </div>
    </div>
  );
}
