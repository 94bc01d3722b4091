/** Why a case is held, in words. */
import { useTranslation } from 'react-i18next';

const REASONS = [
  'deployment_stage',
  'investigation',
  'identity',
  'deferred',
  'coordinator',
] as const;

/** Gives the words of a hold's code; a code of a newer server stands as it is. */
export function useHoldWord(): (code: string) => string {
  const { t } = useTranslation();
  return (code) => {
    const known = REASONS.find((reason) => reason === code);
    return known ? t(`steer.hold.${known}`) : code;
  };
}
