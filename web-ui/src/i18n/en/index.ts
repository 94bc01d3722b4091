import { oversight } from './oversight';
import { pages } from './pages';
import { reading } from './reading';
import { rolloutConsole } from './rollout';
import { words } from './words';

export const en = { ...words, ...pages, ...oversight, ...reading, ...rolloutConsole };
