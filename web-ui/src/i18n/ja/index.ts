import type { en } from '../en';
import { afterSigning } from './after_signing';
import { capacity } from './capacity';
import { compare } from './compare';
import { coordination } from './coordination';
import { costs } from './costs';
import { destinations } from './destinations';
import { erasure } from './erasure';
import { learning } from './learning';
import { oversight } from './oversight';
import { pages } from './pages';
import { people } from './people';
import { prior } from './prior';
import { qualityWatch } from './quality_watch';
import { quarantine } from './quarantine';
import { reading } from './reading';
import { recalls } from './recalls';
import { rolloutConsole } from './rollout';
import { room } from './room';
import { rules } from './rules';
import { sites } from './sites';
import { ledgerSearch, verify } from './verify';
import { words } from './words';

export const ja: typeof en = {
  ...words,
  ...pages,
  ...oversight,
  ...qualityWatch,
  ...reading,
  ...afterSigning,
  ...room,
  ...prior,
  ...recalls,
  ...learning,
  ...rolloutConsole,
  capacity,
  compare,
  coordination,
  destinations,
  erasure,
  costs,
  people,
  quarantine,
  rules,
  sites,
  verify,
  ledgerSearch,
};
