import type { en } from '../en';
import { pages } from './pages';
import { reading } from './reading';
import { words } from './words';

export const ja: typeof en = { ...words, ...pages, ...reading };
