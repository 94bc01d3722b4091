/** Hands the strokes of the keyboard to the room, but not those that belong to a field. */
import { useEffect, useRef } from 'react';
import { type Command, commandOf } from './key_map';

function belongsToField(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  if (target?.closest('dialog[open]')) return true;
  // Signing is a chord of its own: it works from inside the comment, too.
  if (event.ctrlKey && event.key === 'Enter') return !!target?.closest('.signing');
  if (target?.closest('input, textarea, select')) return true;
  return (event.key === ' ' || event.key === 'Enter') && !!target?.closest('button, a');
}

export function useKeys(afterMark: boolean, run: (command: Command) => void): void {
  const newest = useRef({ afterMark, run });
  useEffect(() => {
    newest.current = { afterMark, run };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (belongsToField(event) || event.altKey) return;
      const { key, code, shiftKey: shift } = event;
      const stroke = { key, code, shift, ctrl: event.ctrlKey || event.metaKey };
      const command = commandOf(stroke, newest.current.afterMark);
      if (!command) return;
      event.preventDefault();
      newest.current.run(command);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
