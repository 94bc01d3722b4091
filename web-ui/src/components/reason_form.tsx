/** An act that needs a reason: the words, the act, the way out. */
import { type FormEvent, type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { REASON_LENGTH } from './reason_input';
import './reason.css';

interface ReasonFormProps {
  label: string;
  action: string;
  pending: boolean;
  onAct: (reason: string) => void;
  onClose: () => void;
  /** What went wrong the last time. */
  children?: ReactNode;
}

export function ReasonForm(props: ReasonFormProps) {
  const { label, action, pending, onAct, onClose, children } = props;
  const { t } = useTranslation();
  const [reason, setReason] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onAct(reason.trim());
  };
  return (
    <form className="reason" aria-label={action} onSubmit={submit}>
      <label>
        {label}
        <input
          // biome-ignore lint/a11y/noAutofocus: the form opens by a key or a click, for this field
          autoFocus
          required
          minLength={REASON_LENGTH.min}
          maxLength={REASON_LENGTH.max}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && onClose()}
        />
      </label>
      <div className="row-actions">
        <button type="submit" disabled={pending || reason.trim().length < REASON_LENGTH.min}>
          {action}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
      </div>
      {children}
    </form>
  );
}
