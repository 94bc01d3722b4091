import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../api/types';
import { CredentialsForm } from './credentials_form';
import { LanguageChoice } from './language_choice';
import './session.css';

export function SignInPage({ onSignedIn }: { onSignedIn: (viewer: Viewer) => void }) {
  const { t } = useTranslation();
  return (
    <main className="sign-in">
      <div className="sign-in-panel">
        <h1>Countersign</h1>
        <p className="muted">{t('session.purpose')}</p>
        <CredentialsForm username={null} action={t('session.signIn')} onSignedIn={onSignedIn} />
        <p className="note note-wait">{t('session.notADevice')}</p>
        <LanguageChoice />
      </div>
    </main>
  );
}
