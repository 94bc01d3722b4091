import type { en } from '../en';
import { oversight } from './oversight';
import { pages } from './pages';
import { qualityWatch } from './quality_watch';
import { reading } from './reading';
import { words } from './words';

export const ja: typeof en = { ...words, ...pages, ...oversight, ...qualityWatch, ...reading };
