/** Says what somebody may do from now on. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeAccountRolesMutation, type UserAccount } from '../../api/account_documents';
import { ask } from '../../api/client';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { RoleChoice } from './role_choice';

interface RolesFormProps {
  account: UserAccount;
  onClose: () => void;
}

export function RolesForm({ account, onClose }: RolesFormProps) {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const [roles, setRoles] = useState(account.roles);
  const change = useMutation({
    mutationFn: (reason: string) =>
      ask(changeAccountRolesMutation, { input: { username: account.username, roles, reason } }),
    onSuccess: ({ changeAccountRoles: { refusal } }) => {
      if (refusal) return;
      say(t('people.account.rolesChanged', { name: account.printedName }));
      void queries.invalidateQueries({ queryKey: ['userAccounts'] });
      onClose();
    },
  });
  const refusal = change.data?.changeAccountRoles.refusal;
  return (
    <>
      <RoleChoice chosen={roles} onChange={setRoles} />
      <ReasonForm
        label={t('people.account.why')}
        action={t('people.account.changeRoles')}
        pending={change.isPending || roles.length === 0}
        onAct={(reason) => change.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {change.isError && <Fault error={change.error} onRetry={() => change.reset()} />}
      </ReasonForm>
    </>
  );
}
