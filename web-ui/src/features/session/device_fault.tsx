/** What went wrong where a device was asked: no answer is the person's own doing, anything else is a fault. */
import { useTranslation } from 'react-i18next';
import { Fault } from '../../components/note';
import { NoAnswer } from './device_keys';

interface DeviceFaultProps {
  /** Null where nothing went wrong. */
  error: Error | null;
  onRetry: () => void;
}

export function DeviceFault({ error, onRetry }: DeviceFaultProps) {
  const { t } = useTranslation();
  if (!error) return null;
  if (!(error instanceof NoAnswer)) return <Fault error={error} onRetry={onRetry} />;
  return (
    <p className="note note-wait" role="alert">
      {t('passkey.noAnswer')}
    </p>
  );
}
