/** Name and password, asked at the door and again after a pause. */
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { signInMutation } from '../../api/documents';
import type { Viewer } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';

interface CredentialsFormProps {
  /** Fixed for whoever comes back to a locked page. */
  username: string | null;
  action: string;
  onSignedIn: (viewer: Viewer) => void;
}

export function CredentialsForm({ username, action, onSignedIn }: CredentialsFormProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(username ?? '');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => ask(signInMutation, { input: { username: name.trim(), password } }),
    onSuccess: ({ signIn: { viewer } }) => {
      setPassword('');
      if (viewer) onSignedIn(viewer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  const refusal = signIn.data?.signIn.refusal;
  return (
    <form className="credentials" onSubmit={submit}>
      <label>
        {t('session.username')}
        <input
          name="username"
          autoComplete="username"
          // biome-ignore lint/a11y/noAutofocus: the form is all there is on its page
          autoFocus={username === null}
          value={name}
          readOnly={username !== null}
          onChange={(event) => setName(event.target.value)}
          required
        />
      </label>
      <label>
        {t('session.password')}
        <input
          name="password"
          type="password"
          autoComplete="current-password"
          // biome-ignore lint/a11y/noAutofocus: whoever comes back has only this to enter
          autoFocus={username !== null}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
        />
      </label>
      <button type="submit" className="primary" disabled={signIn.isPending}>
        {action}
      </button>
      {refusal && <RefusalNote refusal={refusal} />}
      {signIn.isError && <Fault error={signIn.error} onRetry={() => signIn.mutate()} />}
    </form>
  );
}
