/** Takes another password for oneself. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePasswordMutation } from '../../api/account_documents';
import { ask } from '../../api/client';
import type { Viewer } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';

/** What the server takes as a password, characters. */
const LENGTH_MIN = 12;

interface PasswordFormProps {
  username: string;
  onChanged: (viewer: Viewer) => void;
}

export function PasswordForm({ username, onChanged }: PasswordFormProps) {
  const { t } = useTranslation();
  const [present, setPresent] = useState('');
  const [chosen, setChosen] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: () =>
      ask(changePasswordMutation, { input: { presentPassword: present, newPassword: chosen } }),
    onSuccess: ({ changePassword: { viewer } }) => {
      if (!viewer) return;
      for (const clear of [setPresent, setChosen, setAgain]) clear('');
      onChanged(viewer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const differs = again !== '' && again !== chosen;
  const isReady = present !== '' && chosen.length >= LENGTH_MIN && again === chosen;
  const refusal = change.data?.changePassword.refusal;
  return (
    <form className="credentials" aria-label={t('session.own.change')} onSubmit={submit}>
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <label>
        {t('session.own.present')}
        <input
          type="password"
          autoComplete="current-password"
          // biome-ignore lint/a11y/noAutofocus: whoever comes here has only this to enter
          autoFocus
          required
          value={present}
          onChange={(event) => setPresent(event.target.value)}
        />
      </label>
      <label>
        {t('session.own.new')}
        <input
          type="password"
          autoComplete="new-password"
          required
          minLength={LENGTH_MIN}
          aria-describedby="password-rule"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        />
      </label>
      <p id="password-rule" className="small muted">
        {t('session.own.rule', { count: LENGTH_MIN })}
      </p>
      <label>
        {t('session.own.again')}
        <input
          type="password"
          autoComplete="new-password"
          required
          aria-invalid={differs}
          aria-describedby="password-differs"
          value={again}
          onChange={(event) => setAgain(event.target.value)}
        />
      </label>
      <p id="password-differs" className="small" role="status">
        {differs && t('session.own.differs')}
      </p>
      <button type="submit" className="primary" disabled={!isReady || change.isPending}>
        {t('session.own.change')}
      </button>
      {refusal && <RefusalNote refusal={refusal} />}
      {change.isError && <Fault error={change.error} onRetry={() => change.mutate()} />}
    </form>
  );
}
