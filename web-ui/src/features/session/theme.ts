/** Dark for reading, light for the office; a choice made on this machine wins. */
import type { Role } from '../../api/types';

export type Theme = 'dark' | 'light';

const STORAGE_KEY = 'countersign.theme';

export function chosenTheme(): Theme | null {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === 'dark' || stored === 'light' ? stored : null;
}

export function themeOf(roles: readonly Role[]): Theme {
  return roles.includes('RADIOLOGIST') || roles.includes('ADJUDICATOR') ? 'dark' : 'light';
}

export function showTheme(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(STORAGE_KEY, theme);
  showTheme(theme);
}
