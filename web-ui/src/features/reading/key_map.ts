/** The keys of the reading room, as data: one table for the hands and for the page of `?`. */

export type Command =
  | 'next-slice'
  | 'previous-slice'
  | 'ten-on'
  | 'ten-back'
  | 'first-slice'
  | 'last-slice'
  | 'prior-on'
  | 'prior-back'
  | 'next-region'
  | 'previous-region'
  | 'next-stage'
  | 'previous-stage'
  | 'solo-original'
  | 'solo-ai'
  | 'solo-difference'
  | 'solo-uncertainty'
  | 'flicker'
  | 'wipe'
  | 'curtain-left'
  | 'curtain-right'
  | 'prior'
  | 'next-prior'
  | 'align-prior'
  | 'full-size'
  | 'reset'
  | 'mirror-across'
  | 'mirror-upright'
  | 'quarter-right'
  | 'quarter-left'
  | 'column'
  | 'detach'
  | 'marks'
  | 'preset-1'
  | 'preset-2'
  | 'preset-3'
  | 'preset-4'
  | 'invert'
  | 'threshold-down'
  | 'threshold-up'
  | 'noise-mask'
  | 'structure'
  | 'contour'
  | 'source-where-wide'
  | 'ruler'
  | 'ellipse'
  | 'clear-measures'
  | 'dispose-1'
  | 'dispose-2'
  | 'dispose-3'
  | 'dispose-4'
  | 'dispose-5'
  | 'mark'
  | 'mark-1'
  | 'mark-2'
  | 'mark-3'
  | 'mark-4'
  | 'mark-5'
  | 'mark-6'
  | 'cancel'
  | 'undo'
  | 'redo'
  | 'accept'
  | 'limitation'
  | 'reject'
  | 'cannot-judge'
  | 'defer'
  | 'draft'
  | 'sign'
  | 'help';

export interface Stroke {
  /** `KeyboardEvent.key`. */
  key: string;
  /** `KeyboardEvent.code`: which key it is, whatever the layout writes. */
  code: string;
  ctrl: boolean;
  shift: boolean;
}

export interface Binding {
  command: Command;
  /** As shown on the page of `?`. */
  shown: string;
  key?: string;
  code?: string;
  ctrl?: boolean;
  shift?: boolean;
  /** Only after `M`. */
  afterMark?: boolean;
  /** Stays where it is: the way out, the way to help, the second key of a chord. */
  fixed?: boolean;
}

export type KeyGroup = 'move' | 'hang' | 'grey' | 'read';
export type KeyMap = Readonly<Record<KeyGroup, readonly Binding[]>>;

const digit = (number: number) => `Digit${number}`;

export const KEY_MAP: KeyMap = {
  move: [
    { command: 'next-slice', shown: '↓', key: 'ArrowDown', shift: false },
    { command: 'previous-slice', shown: '↑', key: 'ArrowUp', shift: false },
    { command: 'prior-on', shown: 'Shift ↓', key: 'ArrowDown', shift: true },
    { command: 'prior-back', shown: 'Shift ↑', key: 'ArrowUp', shift: true },
    { command: 'ten-on', shown: 'PgDn', key: 'PageDown' },
    { command: 'ten-back', shown: 'PgUp', key: 'PageUp' },
    { command: 'first-slice', shown: 'Home', key: 'Home' },
    { command: 'last-slice', shown: 'End', key: 'End' },
    { command: 'next-region', shown: 'N', key: 'n', shift: false },
    { command: 'previous-region', shown: 'Shift N', key: 'n', shift: true },
  ],
  hang: [
    { command: 'next-stage', shown: '.', key: '.' },
    { command: 'previous-stage', shown: ',', key: ',' },
    { command: 'solo-original', shown: 'O', key: 'o' },
    { command: 'solo-ai', shown: 'G', key: 'g' },
    { command: 'solo-difference', shown: 'D', key: 'd', shift: false },
    { command: 'solo-uncertainty', shown: 'Q', key: 'q' },
    { command: 'flicker', shown: 'F', key: 'f' },
    { command: 'wipe', shown: 'W', key: 'w' },
    { command: 'curtain-left', shown: '←', key: 'ArrowLeft' },
    { command: 'curtain-right', shown: '→', key: 'ArrowRight' },
    { command: 'prior', shown: 'P', key: 'p', shift: false },
    { command: 'next-prior', shown: 'Shift P', key: 'p', shift: true },
    { command: 'align-prior', shown: '=', key: '=' },
    { command: 'full-size', shown: 'Z', key: 'z' },
    { command: 'reset', shown: 'Space', key: ' ' },
    { command: 'mirror-across', shown: 'H', key: 'h' },
    { command: 'mirror-upright', shown: 'V', key: 'v' },
    { command: 'quarter-right', shown: 'R', key: 'r' },
    { command: 'quarter-left', shown: 'L', key: 'l' },
    { command: 'marks', shown: 'Shift M', key: 'm', shift: true },
    { command: 'column', shown: '\\', key: '\\' },
    { command: 'detach', shown: 'Shift D', key: 'd', shift: true },
  ],
  grey: [
    { command: 'preset-1', shown: '1', code: digit(1), shift: false },
    { command: 'preset-2', shown: '2', code: digit(2), shift: false },
    { command: 'preset-3', shown: '3', code: digit(3), shift: false },
    { command: 'preset-4', shown: '4', code: digit(4), shift: false },
    { command: 'invert', shown: 'I', key: 'i' },
    { command: 'threshold-down', shown: '[', key: '[' },
    { command: 'threshold-up', shown: ']', key: ']' },
    { command: 'noise-mask', shown: 'B', key: 'b' },
    { command: 'structure', shown: 'S', key: 's' },
    { command: 'contour', shown: 'U', key: 'u', shift: false },
    { command: 'source-where-wide', shown: 'Shift U', key: 'u', shift: true },
    { command: 'ruler', shown: 'T', key: 't', shift: false },
    { command: 'ellipse', shown: 'Y', key: 'y' },
    { command: 'clear-measures', shown: 'Shift T', key: 't', shift: true },
  ],
  read: [
    { command: 'mark', shown: 'M', key: 'm', shift: false },
    { command: 'mark-1', shown: 'M 1', code: digit(1), afterMark: true, fixed: true },
    { command: 'mark-2', shown: 'M 2', code: digit(2), afterMark: true, fixed: true },
    { command: 'mark-3', shown: 'M 3', code: digit(3), afterMark: true, fixed: true },
    { command: 'mark-4', shown: 'M 4', code: digit(4), afterMark: true, fixed: true },
    { command: 'mark-5', shown: 'M 5', code: digit(5), afterMark: true, fixed: true },
    { command: 'mark-6', shown: 'M 6', code: digit(6), afterMark: true, fixed: true },
    { command: 'dispose-1', shown: 'Shift 1', code: digit(1), shift: true },
    { command: 'dispose-2', shown: 'Shift 2', code: digit(2), shift: true },
    { command: 'dispose-3', shown: 'Shift 3', code: digit(3), shift: true },
    { command: 'dispose-4', shown: 'Shift 4', code: digit(4), shift: true },
    { command: 'dispose-5', shown: 'Shift 5', code: digit(5), shift: true },
    { command: 'undo', shown: 'Ctrl Z', key: 'z', ctrl: true, shift: false },
    { command: 'redo', shown: 'Ctrl Shift Z', key: 'z', ctrl: true, shift: true },
    { command: 'cancel', shown: 'Esc', key: 'Escape', fixed: true },
    { command: 'accept', shown: 'A', key: 'a' },
    { command: 'limitation', shown: 'C', key: 'c' },
    { command: 'reject', shown: 'X', key: 'x' },
    { command: 'cannot-judge', shown: 'K', key: 'k' },
    { command: 'defer', shown: 'E', key: 'e' },
    { command: 'draft', shown: 'Ctrl S', key: 's', ctrl: true },
    { command: 'sign', shown: 'Ctrl Enter', key: 'Enter', ctrl: true, fixed: true },
    { command: 'help', shown: '?', key: '?', fixed: true },
  ],
};

/** By how many slices a command scrolls. */
export const SCROLL_COMMANDS: Partial<Record<Command, number>> = {
  'next-slice': 1,
  'previous-slice': -1,
  'ten-on': 10,
  'ten-back': -10,
  'first-slice': Number.NEGATIVE_INFINITY,
  'last-slice': Number.POSITIVE_INFINITY,
};

export const bindingsOf = (map: KeyMap): Binding[] => Object.values(map).flat();

function fits(binding: Binding, stroke: Stroke): boolean {
  const sameKey = binding.code
    ? binding.code === stroke.code
    : binding.key?.toLowerCase() === stroke.key.toLowerCase();
  const sameShift = binding.shift === undefined || binding.shift === stroke.shift;
  return sameKey && sameShift && (binding.ctrl ?? false) === stroke.ctrl;
}

/** The command of a stroke. After `M` the digits name kinds of findings, else they are windows. */
export function commandOf(
  stroke: Stroke,
  afterMark: boolean,
  map: KeyMap = KEY_MAP,
): Command | null {
  const found = bindingsOf(map).filter((binding) => fits(binding, stroke));
  const chord = found.find((binding) => binding.afterMark === true);
  if (afterMark && chord) return chord.command;
  return found.find((binding) => !binding.afterMark)?.command ?? null;
}
