import { useTranslation } from 'react-i18next';
import { chooseLanguage, LANGUAGES } from '../../i18n';

const NAMES = { en: 'English', ja: '日本語' } as const;

export function LanguageChoice() {
  const { i18n, t } = useTranslation();
  return (
    <fieldset className="language-choice">
      <legend className="visually-hidden">{t('session.language')}</legend>
      {LANGUAGES.map((language) => (
        <button
          key={language}
          type="button"
          className="quiet"
          lang={language}
          aria-pressed={i18n.language === language}
          onClick={() => chooseLanguage(language)}
        >
          {NAMES[language]}
        </button>
      ))}
    </fieldset>
  );
}
