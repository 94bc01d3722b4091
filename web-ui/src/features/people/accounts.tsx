/** Who may sign in, as what, and what became of each account. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type IssuedPassword, userAccountsQuery } from '../../api/account_documents';
import { ask } from '../../api/client';
import { Fault, Loading } from '../../components/note';
import { hasRole, useViewer } from '../session/session';
import { AccountRow } from './account_row';
import { InviteForm } from './invite_form';
import { IssuedNote } from './issued_note';

export function Accounts() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [issued, setIssued] = useState<IssuedPassword | null>(null);
  const query = useQuery({
    queryKey: ['userAccounts'],
    queryFn: () => ask(userAccountsQuery, {}),
  });
  const accounts = query.data?.userAccounts ?? [];
  const mayChange = hasRole(viewer, 'ADMINISTRATOR');
  return (
    <>
      {issued && <IssuedNote issued={issued} onClose={() => setIssued(null)} />}
      <div className={mayChange ? 'list-and-form' : undefined}>
        <section aria-label={t('people.tab.accounts')} className="list-part">
          <p className="muted">{t('people.account.meaning')}</p>
          {query.isPending && <Loading rows={6} />}
          {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
          {accounts.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('people.person')}</th>
                  <th scope="col">{t('people.account.roles')}</th>
                  <th scope="col">{t('people.account.state')}</th>
                  <th scope="col">{t('people.account.lastSignIn')}</th>
                  <th scope="col">{t('people.account.history')}</th>
                  {mayChange && <th scope="col">{t('people.act')}</th>}
                </tr>
              </thead>
              <tbody>
                {accounts.map((account) => (
                  <AccountRow
                    key={account.id}
                    account={account}
                    mayChange={mayChange}
                    isOwn={account.id === viewer.id}
                    onIssued={setIssued}
                  />
                ))}
              </tbody>
            </table>
          )}
        </section>
        {mayChange && <InviteForm onIssued={setIssued} />}
      </div>
    </>
  );
}
