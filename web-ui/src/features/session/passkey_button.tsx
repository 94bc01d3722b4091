/** The way to sign with a passkey, for whoever has one. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { passkeysQuery } from '../../api/passkeys';
import { hasPasskeys } from './device_keys';

export function usePasskeys() {
  return useQuery({
    queryKey: ['passkeys'],
    queryFn: () => ask(passkeysQuery, {}),
    staleTime: 60_000,
  });
}

interface PasskeyButtonProps {
  /** While something goes on, or the name is still wanted. */
  disabled: boolean;
  onSign: () => void;
}

export function PasskeyButton({ disabled, onSign }: PasskeyButtonProps) {
  const { t } = useTranslation();
  const passkeys = usePasskeys();
  if (!hasPasskeys() || !passkeys.data?.passkeys.length) return null;
  return (
    <button type="button" disabled={disabled} onClick={onSign}>
      {t('passkey.sign')}
    </button>
  );
}
