import { coordination } from './coordination';
import { costs } from './costs';
import { erasure } from './erasure';
import { oversight } from './oversight';
import { pages } from './pages';
import { people } from './people';
import { qualityWatch } from './quality_watch';
import { reading } from './reading';
import { rolloutConsole } from './rollout';
import { room } from './room';
import { rules } from './rules';
import { ledgerSearch, verify } from './verify';
import { words } from './words';

export const en = {
  ...words,
  ...pages,
  ...oversight,
  ...qualityWatch,
  ...reading,
  ...room,
  ...rolloutConsole,
  coordination,
  erasure,
  costs,
  people,
  rules,
  verify,
  ledgerSearch,
};
