/** Stands before everything else for whoever signed in with a password that somebody else had made. */
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../api/types';
import { LanguageChoice } from './language_choice';
import { PasswordForm } from './password_form';
import './session.css';

interface ChoosePasswordPageProps {
  viewer: Viewer;
  onChosen: (viewer: Viewer) => void;
  onSignOut: () => void;
}

export function ChoosePasswordPage({ viewer, onChosen, onSignOut }: ChoosePasswordPageProps) {
  const { t } = useTranslation();
  return (
    <main className="sign-in">
      <div className="sign-in-panel">
        <h1>{t('session.own.choose')}</h1>
        <p className="muted">{t('session.own.why', { name: viewer.printedName })}</p>
        <PasswordForm username={viewer.username} onChanged={onChosen} />
        <button type="button" className="quiet" onClick={onSignOut}>
          {t('session.notYou')}
        </button>
        <LanguageChoice />
      </div>
    </main>
  );
}
