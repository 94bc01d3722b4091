/** The bar above every page but the reading room. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Viewer } from '../../api/types';
import { LanguageChoice } from './language_choice';
import { QuarantineCount } from './quarantine_count';
import { hasRole, useSignOut, useViewer } from './session';
import { chooseTheme, chosenTheme, themeOf } from './theme';

const PLACES = [
  { to: '/worklist', word: 'nav.worklist', roles: ['RADIOLOGIST', 'ADJUDICATOR'] },
  { to: '/studies', word: 'nav.studies', roles: [] },
  { to: '/coordination', word: 'nav.coordination', roles: ['COORDINATOR', 'QUALITY'] },
  { to: '/cases', word: 'nav.cases', roles: ['QUALITY', 'ADMINISTRATOR', 'COORDINATOR'] },
  // Quality and administrators are led there from the cases.
  { to: '/recalls', word: 'recalls.open', roles: ['ADJUDICATOR'] },
  { to: '/quality', word: 'nav.quality', roles: ['QUALITY'] },
  // Quality is led there from the figures.
  { to: '/learning', word: 'learning.title', roles: ['RADIOLOGIST', 'ADJUDICATOR'] },
  { to: '/rules', word: 'nav.rules', roles: ['QUALITY', 'ADMINISTRATOR'] },
  { to: '/people', word: 'nav.people', roles: ['QUALITY', 'ADMINISTRATOR', 'COORDINATOR'] },
  {
    to: '/rollout',
    word: 'nav.rollout',
    roles: ['QUALITY', 'ADMINISTRATOR', 'CLINICAL_OWNER', 'PHYSICIST'],
  },
  { to: '/models', word: 'nav.models', roles: [] },
  { to: '/ledger', word: 'nav.ledger', roles: ['QUALITY', 'ADMINISTRATOR'] },
] as const;

/** Where people begin, by what they are here for. */
const FIRST_PLACES = ['/worklist', '/coordination', '/studies'] as const;

function placesOf(viewer: Viewer) {
  return PLACES.filter(({ roles }) => roles.length === 0 || hasRole(viewer, ...roles));
}

/** Where a person begins. */
export function firstPlaceOf(viewer: Viewer) {
  const places = placesOf(viewer).map(({ to }) => to);
  const first = FIRST_PLACES.find((place) => places.includes(place));
  return first ?? '/studies';
}

export function TopBar() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const signOut = useSignOut();
  const [theme, setTheme] = useState(chosenTheme() ?? themeOf(viewer.roles));
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <header className="top">
      <span className="brand">
        <img src="/favicon.svg" alt="" width="20" height="20" />
        Countersign
      </span>
      <nav aria-label={t('nav.places')}>
        {placesOf(viewer).map(({ to, word }) => (
          <Link key={to} to={to} activeProps={{ className: 'active', 'aria-current': 'page' }}>
            {t(word)}
          </Link>
        ))}
      </nav>
      <span className="spring" />
      <QuarantineCount />
      {viewer.demo && (
        <span className="small wait demo-word" title={t('session.demo')}>
          {t('session.demoShort')}
        </span>
      )}
      <LanguageChoice />
      <button
        type="button"
        className="quiet"
        onClick={() => {
          chooseTheme(other);
          setTheme(other);
        }}
      >
        {t(`session.theme.${other}`)}
      </button>
      <Link to="/account" className="own-name muted" title={t('session.own.title')}>
        {viewer.printedName || viewer.username}
      </Link>
      <button type="button" className="quiet" onClick={() => void signOut()}>
        {t('session.signOut')}
      </button>
    </header>
  );
}
