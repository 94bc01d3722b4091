/** What the commands of looking do to the view; pure. */
import type { ReadingCase } from '../../api/types';
import {
  type AcquiredPane,
  type Toggle,
  type TurnKind,
  type View,
  type ViewAction,
  WHOLE_IMAGE,
} from '../../viewer/view';
import { CT_PRESETS } from '../../viewer/window';
import type { Command } from './key_map';

const TURNS: Partial<Record<Command, TurnKind>> = {
  'mirror-across': 'mirror-across',
  'mirror-upright': 'mirror-upright',
  'quarter-right': 'quarter-right',
  'quarter-left': 'quarter-left',
};
const TOGGLES: Partial<Record<Command, Toggle>> = {
  marks: 'marks',
  invert: 'invert',
};
/** These show what the AI made, and so nothing before the original has been looked at alone. */
const AI_TOGGLES: Partial<Record<Command, Toggle>> = {
  'noise-mask': 'noise-mask',
  structure: 'structure',
  contour: 'contour',
  'source-where-wide': 'source-where-wide',
};
const SOLOS: Partial<Record<Command, AcquiredPane>> = {
  'solo-original': 'original',
  'solo-ai': 'ai',
  'solo-difference': 'difference',
  'solo-uncertainty': 'uncertainty',
};
/** How far the arrows move the curtain. */
const CURTAIN_STEP = 0.02;

function threshold(command: Command, view: View, range: number): ViewAction {
  const step = command === 'threshold-up' ? range / 20 : -range / 20;
  return { kind: 'threshold', threshold: view.threshold + step };
}

/** Before the AI may be shown, its commands do nothing. */
function ofAi(command: Command, view: View): ViewAction[] | null {
  const toggle = AI_TOGGLES[command];
  if (toggle) return [{ kind: 'toggle', what: toggle }];
  if (command === 'flicker') return [{ kind: 'flicker' }];
  if (command === 'wipe') return [{ kind: 'wipe' }];
  if (command === 'prior') return [{ kind: 'beside-prior' }];
  const solo = SOLOS[command];
  if (solo) return [{ kind: 'solo', pane: solo }];
  const by = { 'curtain-left': -CURTAIN_STEP, 'curtain-right': CURTAIN_STEP }[command as string];
  if (by === undefined) return null;
  return view.wipe === null ? [] : [{ kind: 'curtain', share: view.wipe + by }];
}

/** The changes of a command; null where it is no command of looking. */
export function lookOf(
  command: Command,
  view: View,
  readingCase: Pick<ReadingCase, 'source' | 'model'>,
  compared: boolean,
): ViewAction[] | null {
  const ai = ofAi(command, view);
  if (ai) return compared ? ai : [];
  const toggle = TOGGLES[command];
  if (toggle) return [{ kind: 'toggle', what: toggle }];
  const turn = TURNS[command];
  if (turn) return [{ kind: 'turn', how: turn }];
  if (command === 'next-stage') return [{ kind: 'stage', by: 1 }];
  if (command === 'previous-stage') return [{ kind: 'stage', by: -1 }];
  if (command === 'reset') return [{ kind: 'camera', camera: WHOLE_IMAGE }];
  if (command === 'threshold-up' || command === 'threshold-down') {
    return [threshold(command, view, readingCase.model.uncertaintyRange)];
  }
  if (!command.startsWith('preset-')) return null;
  const preset = CT_PRESETS[Number(command.at(-1)) - 1];
  const fits = preset && readingCase.source.modality === 'CT';
  return fits ? [{ kind: 'window', window: preset.window, of: 'original' }] : [];
}
