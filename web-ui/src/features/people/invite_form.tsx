/** Makes an account with a password that its person changes at the first sign-in. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addAccountMutation, type IssuedPassword } from '../../api/account_documents';
import { ask } from '../../api/client';
import type { Role } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';
import { RoleChoice } from './role_choice';

export function InviteForm({ onIssued }: { onIssued: (issued: IssuedPassword) => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [printedName, setPrintedName] = useState('');
  const [roles, setRoles] = useState<Role[]>([]);
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: () =>
      ask(addAccountMutation, {
        input: { username: username.trim(), printedName: printedName.trim(), roles, reason },
      }),
    onSuccess: ({ addAccount: { issued } }) => {
      if (!issued) return;
      for (const clear of [setUsername, setPrintedName, setReason]) clear('');
      setRoles([]);
      void queries.invalidateQueries({ queryKey: ['userAccounts'] });
      onIssued(issued);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const refusal = add.data?.addAccount.refusal;
  return (
    <form className="panel side-form" aria-labelledby="invite-title" onSubmit={submit}>
      <h2 id="invite-title">{t('people.account.add')}</h2>
      <label>
        {t('session.username')}
        <input
          required
          maxLength={64}
          autoComplete="off"
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
      </label>
      <label>
        {t('people.account.printedName')}
        <input
          required
          maxLength={128}
          autoComplete="off"
          value={printedName}
          onChange={(event) => setPrintedName(event.target.value)}
        />
      </label>
      <RoleChoice chosen={roles} onChange={setRoles} />
      <ReasonInput label={t('people.account.why')} value={reason} onChange={setReason} />
      <div className="row-actions">
        <button type="submit" className="primary" disabled={add.isPending || roles.length === 0}>
          {t('people.account.addAct')}
        </button>
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {add.isError && <Fault error={add.error} onRetry={() => add.reset()} />}
    </form>
  );
}
