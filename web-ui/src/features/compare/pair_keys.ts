/** The keys of the comparison: those of the reading room that have a meaning here. */
import { type Command, KEY_MAP, type KeyMap } from '../reading/key_map';

const HERE: readonly Command[] = [
  'next-slice',
  'previous-slice',
  'ten-on',
  'ten-back',
  'first-slice',
  'last-slice',
  'mark',
  'mark-1',
  'mark-2',
  'mark-3',
  'undo',
  'redo',
  'cancel',
];
const here = (group: keyof KeyMap) =>
  KEY_MAP[group].filter(({ command }) => HERE.includes(command));

export const PAIR_KEYS: KeyMap = {
  move: here('move'),
  hang: here('hang'),
  grey: here('grey'),
  read: here('read'),
};
