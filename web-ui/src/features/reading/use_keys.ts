/** Hands the strokes of the keyboard to the room, but not those that belong to a field. */
import { useEffect, useRef } from 'react';
import { type Command, commandOf, type KeyMap } from './key_map';

function belongsToField(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  // Wherever it was pressed, in the window of the images too: what stands over the room has the keys.
  if (document.querySelector('dialog[open]')) return true;
  // Signing is a chord of its own: it works from inside the comment, too.
  if (event.ctrlKey && event.key === 'Enter') return !!target?.closest('.signing');
  if (target?.closest('input, textarea, select')) return true;
  return (event.key === ' ' || event.key === 'Enter') && !!target?.closest('button, a');
}

/** A key held longer than this goes back when it is let go, ms. */
const HELD_MS = 350;

/** Hands strokes to `run`; `flicker` held down comes back when it is let go. */
export function useKeys(map: KeyMap, afterMark: boolean, run: (command: Command) => void): void {
  const newest = useRef({ map, afterMark, run });
  useEffect(() => {
    newest.current = { map, afterMark, run };
  });
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    let held: { code: string; since: number } | null = null;
    const press = (event: KeyboardEvent) => {
      if (belongsToField(event) || event.altKey) return;
      const { key, code, shiftKey: shift } = event;
      const stroke = { key, code, shift, ctrl: event.ctrlKey || event.metaKey };
      const command = commandOf(stroke, newest.current.afterMark, newest.current.map);
      if (!command) return;
      event.preventDefault();
      if (command === 'flicker') {
        if (event.repeat) return;
        held = { code, since: event.timeStamp };
      }
      newest.current.run(command);
    };
    const release = (event: KeyboardEvent) => {
      if (held?.code !== event.code) return;
      if (event.timeStamp - held.since > HELD_MS) newest.current.run('flicker');
      held = null;
    };
    window.addEventListener('keydown', press, { signal });
    window.addEventListener('keyup', release, { signal });
    return () => stop.abort();
  }, []);
}
