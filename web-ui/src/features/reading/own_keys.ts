/** Keys that a reader has chosen: kept per person on this machine; one key never means two things; pure but for the store. */
import {
  type Binding,
  bindingsOf,
  type Command,
  commandOf,
  KEY_MAP,
  type KeyGroup,
  type KeyMap,
  type Stroke,
} from './key_map';

export type OwnKeys = Readonly<Partial<Record<Command, Stroke>>>;

const MODIFIERS = ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead', 'Process'];
const SHOWN: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};

/** Whether a stroke is a key, and not only a modifier held down or half of a letter. */
export const isWhole = (stroke: Stroke): boolean => !MODIFIERS.includes(stroke.key);

/** A stroke as it stands on the page of `?`. */
export function shownOf({ key, code, ctrl, shift }: Stroke): string {
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  const name = digit ?? SHOWN[key] ?? (key.length === 1 ? key.toUpperCase() : key);
  return [ctrl && 'Ctrl', shift && 'Shift', name].filter(Boolean).join(' ');
}

function bound(binding: Binding, stroke: Stroke | undefined): Binding {
  if (!stroke || binding.fixed) return binding;
  const { ctrl, shift, key, code } = stroke;
  const where = /^Digit\d$/.test(code) ? { code } : { key };
  return { command: binding.command, shown: shownOf(stroke), ctrl, shift, ...where };
}

/** The key map with the reader's own keys in it. */
export function mapWith(own: OwnKeys): KeyMap {
  const groups = Object.entries(KEY_MAP).map(([group, bindings]) => [
    group,
    bindings.map((binding) => bound(binding, own[binding.command])),
  ]);
  return Object.fromEntries(groups) as Record<KeyGroup, Binding[]>;
}

export type Rebinding =
  | { kind: 'bound'; own: OwnKeys }
  /** The stroke has a meaning already. */
  | { kind: 'taken'; by: Command };

/** Gives a command another stroke, unless another command has it. */
export function rebind(own: OwnKeys, command: Command, stroke: Stroke): Rebinding {
  const others = { ...own };
  delete others[command];
  const found = bindingsOf(mapWith(own)).filter((binding) => binding.command !== command);
  const rest = { ...KEY_MAP, move: found, hang: [], grey: [], read: [] };
  const taken = commandOf(stroke, false, rest);
  if (taken) return { kind: 'taken', by: taken };
  return { kind: 'bound', own: { ...others, [command]: stroke } };
}

const nameOf = (userId: string) => `countersign.keys.${userId}`;

/** What a person has chosen; nothing where nothing sound is stored. */
export function loadOwnKeys(
  userId: string,
  store: Pick<Storage, 'getItem'> = localStorage,
): OwnKeys {
  try {
    const kept: unknown = JSON.parse(store.getItem(nameOf(userId)) ?? '{}');
    if (typeof kept !== 'object' || kept === null) return {};
    const commands = new Set<string>(bindingsOf(KEY_MAP).map(({ command }) => command));
    return Object.fromEntries(
      Object.entries(kept).filter(
        ([command, stroke]) => commands.has(command) && typeof stroke?.key === 'string',
      ),
    );
  } catch {
    return {};
  }
}

export function keepOwnKeys(
  userId: string,
  own: OwnKeys,
  store: Pick<Storage, 'setItem'> = localStorage,
): void {
  store.setItem(nameOf(userId), JSON.stringify(own));
}
