/** How a reader comes from a signed case to the next one: by itself after a moment, unless they stay; pure but for the store. */

/** How long the signed case stays before the next one opens, ms: enough to see what was signed and to say "stay". */
export const MOMENT_MS = 4_000;

export type Advance =
  /** The list is being asked for what comes next. */
  | { kind: 'asking' }
  | { kind: 'counting'; next: string; leftMs: number }
  /** The reader goes on by hand. */
  | { kind: 'stays' };

export type AdvanceEvent =
  /** What the list says after the signature; null where nothing waits. */
  | { kind: 'listed'; next: string | null }
  | { kind: 'passed'; ms: number }
  /** The reader did something else than wait. */
  | { kind: 'stayed' };

export function advanceAfter(advance: Advance, event: AdvanceEvent): Advance {
  switch (event.kind) {
    case 'listed': {
      const { next } = event;
      // What appears later does not open by itself: the reader may have gone by then.
      if (advance.kind === 'stays' || next === null) return { kind: 'stays' };
      if (advance.kind === 'counting' && advance.next === next) return advance;
      return { kind: 'counting', next, leftMs: MOMENT_MS };
    }
    case 'passed':
      if (advance.kind !== 'counting') return advance;
      return { ...advance, leftMs: Math.max(0, advance.leftMs - event.ms) };
    case 'stayed':
      return { kind: 'stays' };
    default:
      return event satisfies never;
  }
}

/** What a key says while the moment runs: Enter goes on at once, a modifier is half a key, any other key stays. */
export function answerOf(key: string, isRepeat: boolean): 'go' | 'stay' | null {
  // A key still held from the password must not carry anybody on.
  if (isRepeat || ['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock'].includes(key)) {
    return null;
  }
  return key === 'Enter' ? 'go' : 'stay';
}

const nameOf = (userId: string) => `countersign.advance.${userId}`;

/** Whether the next case opens by itself for a person on this machine; it does until they say no. */
export const advancesByItself = (
  userId: string,
  store: Pick<Storage, 'getItem'> = localStorage,
): boolean => store.getItem(nameOf(userId)) !== 'no';

export function keepAdvancing(
  userId: string,
  byItself: boolean,
  store: Pick<Storage, 'setItem'> = localStorage,
): void {
  store.setItem(nameOf(userId), byItself ? 'yes' : 'no');
}
