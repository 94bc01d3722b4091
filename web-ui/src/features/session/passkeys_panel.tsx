/** One's own passkeys: registered, named, revoked. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  type Passkey,
  registerPasskeyMutation,
  revokePasskeyMutation,
  startPasskeyRegistrationMutation,
} from '../../api/passkeys';
import { Fault, Loading, RefusalNote } from '../../components/note';
import { Time } from '../../components/time';
import { DeviceFault } from './device_fault';
import { hasPasskeys, madeKey } from './device_keys';
import { usePasskeys } from './passkey_button';

export function PasskeysPanel() {
  const { t } = useTranslation();
  const passkeys = usePasskeys();
  return (
    <section className="panel own-passkeys" aria-labelledby="own-passkeys">
      <h2 id="own-passkeys">{t('passkey.title')}</h2>
      <p className="muted">{t('passkey.meaning')}</p>
      {passkeys.isPending && <Loading rows={2} />}
      {passkeys.isError && <Fault error={passkeys.error} onRetry={() => void passkeys.refetch()} />}
      {passkeys.data?.passkeys.length === 0 && <p>{t('passkey.none')}</p>}
      <ul>
        {passkeys.data?.passkeys.map((passkey) => (
          <PasskeyRow key={passkey.id} passkey={passkey} />
        ))}
      </ul>
      {hasPasskeys() ? <RegisterForm /> : <p className="wait small">{t('passkey.unable')}</p>}
    </section>
  );
}

function PasskeyRow({ passkey }: { passkey: Passkey }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => ask(revokePasskeyMutation, { input: { passkeyId: passkey.id } }),
    onSuccess: ({ revokePasskey: { passkeys } }) => {
      if (passkeys) queries.setQueryData(['passkeys'], { passkeys });
    },
  });
  const refusal = revoke.data?.revokePasskey.refusal;
  return (
    <li>
      <div className="in-a-row">
        <span>
          <strong>{passkey.name}</strong>{' '}
          <span className="muted small">
            {t('passkey.registered')} <Time at={passkey.registeredAt} />
            {passkey.lastUsedAt && (
              <>
                {' · '}
                {t('passkey.lastUsed')} <Time at={passkey.lastUsedAt} />
              </>
            )}
          </span>
        </span>
        <button
          type="button"
          className="quiet"
          disabled={revoke.isPending}
          aria-label={t('passkey.revokeNamed', { name: passkey.name })}
          onClick={() => revoke.mutate()}
        >
          {t('passkey.revoke')}
        </button>
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {revoke.isError && <Fault error={revoke.error} onRetry={() => revoke.mutate()} />}
    </li>
  );
}

/** Has the device make a key, then the server take it: the password shows whose it is. */
async function registered(name: string, password: string) {
  const { startPasskeyRegistration } = await ask(startPasskeyRegistrationMutation, {});
  const { options, refusal } = startPasskeyRegistration;
  if (!options) return { passkey: null, refusal };
  const answer = await madeKey(options);
  return (await ask(registerPasskeyMutation, { input: { name, answer, password } }))
    .registerPasskey;
}

function RegisterForm() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const register = useMutation({
    mutationFn: () => registered(name.trim(), password),
    onSuccess: ({ passkey }) => {
      if (!passkey) return;
      setName('');
      setPassword('');
      void queries.invalidateQueries({ queryKey: ['passkeys'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    register.mutate();
  };
  return (
    <form className="credentials" aria-label={t('passkey.register')} onSubmit={submit}>
      <label>
        {t('passkey.name')}
        <input
          required
          maxLength={60}
          placeholder={t('passkey.nameHint')}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <label>
        {t('session.own.present')}
        <input
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <button type="submit" disabled={register.isPending || !name.trim() || password === ''}>
        {t('passkey.register')}
      </button>
      {register.data?.refusal && <RefusalNote refusal={register.data.refusal} />}
      <DeviceFault error={register.error} onRetry={() => register.reset()} />
    </form>
  );
}
