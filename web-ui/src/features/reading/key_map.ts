/** The keys of the reading room, as data: one table for the hands and for the page of `?`. */

export type Command =
  | 'next-slice'
  | 'previous-slice'
  | 'ten-on'
  | 'ten-back'
  | 'first-slice'
  | 'last-slice'
  | 'next-stage'
  | 'previous-stage'
  | 'flicker'
  | 'reset'
  | 'preset-1'
  | 'preset-2'
  | 'preset-3'
  | 'preset-4'
  | 'threshold-down'
  | 'threshold-up'
  | 'noise-mask'
  | 'marks'
  | 'next-region'
  | 'previous-region'
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
  | 'sign'
  | 'column'
  | 'help';

export interface Stroke {
  /** `KeyboardEvent.key`. */
  key: string;
  /** `KeyboardEvent.code`: which key it is, whatever the layout writes. */
  code: string;
  ctrl: boolean;
  shift: boolean;
}

interface Binding {
  command: Command;
  /** As shown on the page of `?`. */
  shown: string;
  key?: string;
  code?: string;
  ctrl?: boolean;
  shift?: boolean;
  /** Only after `M`. */
  afterMark?: boolean;
}

const digit = (number: number) => `Digit${number}`;

export const KEY_MAP: Record<'move' | 'hang' | 'grey' | 'read', readonly Binding[]> = {
  move: [
    { command: 'next-slice', shown: '↓', key: 'ArrowDown' },
    { command: 'previous-slice', shown: '↑', key: 'ArrowUp' },
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
    { command: 'flicker', shown: 'F', key: 'f' },
    { command: 'marks', shown: 'H', key: 'h' },
    { command: 'column', shown: '\\', key: '\\' },
    { command: 'reset', shown: 'Space', key: ' ' },
  ],
  grey: [
    { command: 'preset-1', shown: '1', code: digit(1), shift: false },
    { command: 'preset-2', shown: '2', code: digit(2), shift: false },
    { command: 'preset-3', shown: '3', code: digit(3), shift: false },
    { command: 'preset-4', shown: '4', code: digit(4), shift: false },
    { command: 'threshold-down', shown: '[', key: '[' },
    { command: 'threshold-up', shown: ']', key: ']' },
    { command: 'noise-mask', shown: 'D', key: 'd' },
  ],
  read: [
    { command: 'mark', shown: 'M', key: 'm' },
    { command: 'mark-1', shown: 'M 1', code: digit(1), afterMark: true },
    { command: 'mark-2', shown: 'M 2', code: digit(2), afterMark: true },
    { command: 'mark-3', shown: 'M 3', code: digit(3), afterMark: true },
    { command: 'mark-4', shown: 'M 4', code: digit(4), afterMark: true },
    { command: 'mark-5', shown: 'M 5', code: digit(5), afterMark: true },
    { command: 'mark-6', shown: 'M 6', code: digit(6), afterMark: true },
    { command: 'dispose-1', shown: 'Shift 1', code: digit(1), shift: true },
    { command: 'dispose-2', shown: 'Shift 2', code: digit(2), shift: true },
    { command: 'dispose-3', shown: 'Shift 3', code: digit(3), shift: true },
    { command: 'dispose-4', shown: 'Shift 4', code: digit(4), shift: true },
    { command: 'dispose-5', shown: 'Shift 5', code: digit(5), shift: true },
    { command: 'undo', shown: 'Ctrl Z', key: 'z', ctrl: true, shift: false },
    { command: 'redo', shown: 'Ctrl Shift Z', key: 'z', ctrl: true, shift: true },
    { command: 'cancel', shown: 'Esc', key: 'Escape' },
    { command: 'accept', shown: 'A', key: 'a' },
    { command: 'limitation', shown: 'C', key: 'c' },
    { command: 'reject', shown: 'X', key: 'x' },
    { command: 'cannot-judge', shown: 'K', key: 'k' },
    { command: 'defer', shown: 'E', key: 'e' },
    { command: 'sign', shown: 'Ctrl Enter', key: 'Enter', ctrl: true },
    { command: 'help', shown: '?', key: '?' },
  ],
};

const BINDINGS = Object.values(KEY_MAP).flat();

function fits(binding: Binding, stroke: Stroke): boolean {
  const sameKey = binding.code
    ? binding.code === stroke.code
    : binding.key?.toLowerCase() === stroke.key.toLowerCase();
  const sameShift = binding.shift === undefined || binding.shift === stroke.shift;
  return sameKey && sameShift && (binding.ctrl ?? false) === stroke.ctrl;
}

/** The command of a stroke. After `M` the digits name kinds of findings, else they are windows. */
export function commandOf(stroke: Stroke, afterMark: boolean): Command | null {
  const found = BINDINGS.filter((binding) => fits(binding, stroke));
  const chord = found.find((binding) => binding.afterMark === true);
  if (afterMark && chord) return chord.command;
  return found.find((binding) => !binding.afterMark)?.command ?? null;
}
