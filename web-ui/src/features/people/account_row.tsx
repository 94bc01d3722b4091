/** One account: its state, its history, and what may be done about it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type AccountChange,
  disableAccountMutation,
  enableAccountMutation,
  type IssuedPassword,
  resetPasswordMutation,
  type UserAccount,
} from '../../api/account_documents';
import { ask } from '../../api/client';
import { Act } from '../../components/act';
import { Badge } from '../../components/badge';
import { History } from '../../components/history';
import { Time } from '../../components/time';
import { RolesForm } from './roles_form';

interface AccountRowProps {
  account: UserAccount;
  mayChange: boolean;
  isOwn: boolean;
  onIssued: (issued: IssuedPassword) => void;
}

export function AccountRow({ account, mayChange, isOwn, onIssued }: AccountRowProps) {
  const { t } = useTranslation();
  const { username, printedName, roles, lastSignedInAt } = account;
  return (
    <tr>
      <td>
        {printedName}
        <br />
        <span className="small muted">{username}</span>
      </td>
      <td>{roles.map((role) => t(`people.role.${role}`)).join(' · ')}</td>
      <td>
        <AccountState account={account} />
      </td>
      <td>{lastSignedInAt ? <Time at={lastSignedInAt} /> : t('people.account.never')}</td>
      <td>
        <Changes changes={account.history} />
      </td>
      {mayChange && (
        <td>
          {isOwn ? (
            <span className="small muted">{t('people.account.own')}</span>
          ) : (
            <Acts account={account} onIssued={onIssued} />
          )}
        </td>
      )}
    </tr>
  );
}

function AccountState({ account }: { account: UserAccount }) {
  const { t } = useTranslation();
  if (account.disabledAt) {
    return (
      <>
        <Badge icon="cross" tone="bad">
          {t('people.account.disabled')}
        </Badge>{' '}
        <Time at={account.disabledAt} />
      </>
    );
  }
  if (account.temporaryUntil) {
    const isOver = new Date(account.temporaryUntil) <= new Date();
    return (
      <>
        <Badge icon="clock" tone={isOver ? 'bad' : 'wait'}>
          {t(isOver ? 'people.account.temporaryOver' : 'people.account.temporary')}
        </Badge>{' '}
        <Time at={account.temporaryUntil} />
      </>
    );
  }
  return (
    <Badge icon="check" tone="good">
      {t('people.account.inUse')}
    </Badge>
  );
}

function Changes({ changes }: { changes: readonly AccountChange[] }) {
  const { t } = useTranslation();
  if (changes.length === 0)
    return <span className="small muted">{t('people.account.before')}</span>;
  const words = (roles: AccountChange['roles']) =>
    roles.map((role) => t(`people.role.${role}`)).join(', ');
  return (
    <History
      summary={t('people.account.changes', { count: changes.length })}
      versions={changes.map(({ number, at, by, kind, roles, formerRoles, reason }) => ({
        number,
        at,
        by,
        changed: t(`people.account.change.${kind}`, {
          roles: words(roles),
          former: words(formerRoles),
        }),
        reason,
      }))}
    />
  );
}

interface ActsProps {
  account: UserAccount;
  onIssued: (issued: IssuedPassword) => void;
}

function Acts({ account, onIssued }: ActsProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [editing, setEditing] = useState(false);
  const { username } = account;
  const of = { name: account.printedName };
  const refresh = () => void queries.invalidateQueries({ queryKey: ['userAccounts'] });
  if (editing) return <RolesForm account={account} onClose={() => setEditing(false)} />;
  if (account.disabledAt) {
    return (
      <Act
        word={t('people.account.enable')}
        label={t('people.account.enableOf', of)}
        meaning={t('people.account.enableMeaning', of)}
        done={t('people.account.enabled', of)}
        reason={t('people.account.why')}
        run={async (reason) =>
          (await ask(enableAccountMutation, { input: { username, reason } })).enableAccount.refusal
        }
        onDone={refresh}
      />
    );
  }
  const reset = async (reason: string) => {
    const { issued, refusal } = (await ask(resetPasswordMutation, { input: { username, reason } }))
      .resetPassword;
    if (issued) onIssued(issued);
    return refusal;
  };
  return (
    <div className="row-actions">
      <button
        type="button"
        aria-label={t('people.account.changeRolesOf', of)}
        onClick={() => setEditing(true)}
      >
        {t('people.account.changeRoles')}
      </button>
      <Act
        word={t('people.account.reset')}
        label={t('people.account.resetOf', of)}
        meaning={t('people.account.resetMeaning', of)}
        done={t('people.account.resetDone', of)}
        reason={t('people.account.why')}
        run={reset}
        onDone={refresh}
      />
      <Act
        danger
        word={t('people.account.disable')}
        label={t('people.account.disableOf', of)}
        meaning={t('people.account.disableMeaning', of)}
        done={t('people.account.disabledDone', of)}
        reason={t('people.account.why')}
        run={async (reason) =>
          (await ask(disableAccountMutation, { input: { username, reason } })).disableAccount
            .refusal
        }
        onDone={refresh}
      />
    </div>
  );
}
