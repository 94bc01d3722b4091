/** One's own account. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useToast } from '../../components/toast';
import { PasskeysPanel } from './passkeys_panel';
import { PasswordForm } from './password_form';
import { useViewer } from './session';
import './session.css';

export function AccountPage() {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const viewer = useViewer();
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('session.own.title')}</h1>
      </div>
      <dl className="own-account">
        <dt>{t('session.username')}</dt>
        <dd>{viewer.username}</dd>
        <dt>{t('people.account.printedName')}</dt>
        <dd>{viewer.printedName}</dd>
        <dt>{t('people.account.roles')}</dt>
        <dd>{viewer.roles.map((role) => t(`people.role.${role}`)).join(' · ')}</dd>
      </dl>
      <section className="panel own-password" aria-labelledby="own-password">
        <h2 id="own-password">{t('session.own.change')}</h2>
        <p className="muted">{t('session.own.meaning')}</p>
        <PasswordForm
          username={viewer.username}
          onChanged={(changed) => {
            queries.setQueryData(['viewer'], { viewer: changed });
            say(t('session.own.changed'));
          }}
        />
      </section>
      <PasskeysPanel />
    </main>
  );
}
