import { pages } from './pages';
import { reading } from './reading';
import { words } from './words';

export const en = { ...words, ...pages, ...reading };
