import { oversight } from './oversight';
import { pages } from './pages';
import { reading } from './reading';
import { room } from './room';
import { words } from './words';

export const en = { ...words, ...pages, ...oversight, ...reading, ...room };
