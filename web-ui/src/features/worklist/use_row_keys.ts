/** ↑ and ↓ walk the rows, Enter opens what is selected, else what is most urgent; / goes to the search. */
import { type RefObject, useEffect } from 'react';

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
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        const step = event.key === 'ArrowDown' ? 1 : -1;
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
