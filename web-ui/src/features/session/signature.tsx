/** What a person types to sign: name and password at the first signature of a login session, then the password. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../api/types';
import { useViewer } from './session';

export interface Components {
  username: string | null;
  password: string;
}

export interface Signature {
  wantsName: boolean;
  typed: Components;
  complete: boolean;
  /** Whether the name is typed where it is wanted: all that a passkey doesn't say. */
  named: boolean;
  type: (typed: Partial<Components>) => void;
  /** To be called when the server has taken a signature. */
  taken: () => void;
}

export function useSignature(): Signature {
  const viewer = useViewer();
  const queries = useQueryClient();
  const [typed, setTyped] = useState<Components>({ username: null, password: '' });
  const wantsName = !viewer.hasSigned;
  const named = !wantsName || (typed.username ?? '').trim() !== '';
  return {
    wantsName,
    typed: wantsName ? typed : { ...typed, username: null },
    complete: typed.password !== '' && named,
    named,
    type: (changed) => setTyped((before) => ({ ...before, ...changed })),
    taken: () => {
      setTyped({ username: null, password: '' });
      queries.setQueryData<{ viewer: Viewer | null }>(['viewer'], (known) =>
        known?.viewer ? { viewer: { ...known.viewer, hasSigned: true } } : known,
      );
    },
  };
}

interface SignatureFieldsProps {
  signature: Signature;
  passwordLabel: string;
  /** For a form that opens by a key: the cursor goes to its first field. */
  focused?: boolean;
  onEscape?: () => void;
}

export function SignatureFields(props: SignatureFieldsProps) {
  const { signature, passwordLabel, focused, onEscape } = props;
  const { t } = useTranslation();
  const viewer = useViewer();
  const closeOnEscape = (event: { key: string }) => event.key === 'Escape' && onEscape?.();
  return (
    <>
      {signature.wantsName ? (
        <label>
          {t('signing.name')}
          <input
            name="signing-username"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
            // biome-ignore lint/a11y/noAutofocus: the form opens by a key, for this field
            autoFocus={focused}
            value={signature.typed.username ?? ''}
            onChange={(event) => signature.type({ username: event.target.value })}
            onKeyDown={closeOnEscape}
          />
        </label>
      ) : (
        <input
          className="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          autoComplete="username"
          value={viewer.username}
          readOnly
        />
      )}
      <label>
        {passwordLabel}
        <input
          type="password"
          name="signing-password"
          autoComplete="current-password"
          required
          // biome-ignore lint/a11y/noAutofocus: the form opens by a key, for this field
          autoFocus={focused && !signature.wantsName}
          value={signature.typed.password}
          onChange={(event) => signature.type({ password: event.target.value })}
          onKeyDown={closeOnEscape}
        />
      </label>
    </>
  );
}
