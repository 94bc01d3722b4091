/** ↑ and ↓ walk the rows, ten at a time with the page keys, Home and End go to their ends; Enter opens what is selected, else what is most urgent; / goes to the search. */
import { type RefObject, useEffect } from 'react';

/** By how many rows a key goes on. */
const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: 10,
  PageUp: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

function isTyping(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null;
  return !!target?.closest('input, textarea, select, dialog[open]');
}

interface RowKeys {
  ids: readonly string[];
  selected: string | null;
  select: (id: string) => void;
  open: () => void;
  search: RefObject<HTMLInputElement | null>;
}

export function useRowKeys({ ids, selected, select, open, search }: RowKeys): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.altKey || event.ctrlKey || event.metaKey || isTyping(event)) return;
      const step = STEPS[event.key];
      if (step !== undefined) {
        event.preventDefault();
        const index = selected === null ? -1 : ids.indexOf(selected);
        const next = ids[Math.max(0, Math.min(ids.length - 1, index + step))];
        if (next) select(next);
      } else if (event.key === '/') {
        event.preventDefault();
        search.current?.focus();
      } else if (
        event.key === 'Enter' &&
        !(event.target as HTMLElement | null)?.closest('button, a, summary')
      ) {
        open();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [ids, selected, select, open, search]);
}
