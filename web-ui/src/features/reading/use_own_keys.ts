/** The keys that this person has chosen. */
import { useCallback, useState } from 'react';
import { keepOwnKeys, loadOwnKeys, type OwnKeys } from './own_keys';

export function useOwnKeys(userId: string): [OwnKeys, (own: OwnKeys) => void] {
  const [own, setOwn] = useState(() => loadOwnKeys(userId));
  const choose = useCallback(
    (next: OwnKeys) => {
      keepOwnKeys(userId, next);
      setOwn(next);
    },
    [userId],
  );
  return [own, choose];
}
