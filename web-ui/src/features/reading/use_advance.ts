/** Opens the next case after a signature: at once with Enter, by itself after a moment, or not when the reader stays. */
import { useEffect, useReducer } from 'react';
import { type Advance, advanceAfter, answerOf } from './advance';

/** How often the moment is counted, ms. */
const COUNT_EVERY_MS = 250;

interface NextCase {
  /** Null where nothing waits for the reader. */
  nextId: string | null;
  /** Whether the list was asked after the signature. */
  isFresh: boolean;
}

const belongsToControl = (event: KeyboardEvent) =>
  !!(event.target as HTMLElement | null)?.closest(
    'input, textarea, select, button, a, dialog[open]',
  );

/**
 * @param byItself Whether the moment runs at all; the first answer counts.
 * @param open Takes the reader to a case.
 */
export function useAdvance(
  { nextId, isFresh }: NextCase,
  byItself: boolean,
  open: (caseId: string) => void,
): { advance: Advance; stay: () => void } {
  const [advance, happened] = useReducer(advanceAfter, {
    kind: byItself ? 'asking' : 'stays',
  } satisfies Advance);
  const isCounting = advance.kind === 'counting';
  const due = isCounting && advance.leftMs === 0 ? advance.next : null;

  useEffect(() => {
    if (isFresh) happened({ kind: 'listed', next: nextId });
  }, [isFresh, nextId]);
  useEffect(() => {
    if (!isCounting) return;
    const timer = setInterval(() => {
      // Nobody looks: the next case would be held for nobody.
      if (document.visibilityState === 'visible') happened({ kind: 'passed', ms: COUNT_EVERY_MS });
    }, COUNT_EVERY_MS);
    return () => clearInterval(timer);
  }, [isCounting]);
  useEffect(() => {
    if (due) open(due);
  }, [due, open]);
  useEffect(() => {
    const stop = new AbortController();
    const { signal } = stop;
    const stay = () => happened({ kind: 'stayed' });
    const press = (event: KeyboardEvent) => {
      const answer = answerOf(event.key, event.repeat);
      if (answer === 'stay') stay();
      if (answer !== 'go' || event.ctrlKey || !nextId || belongsToControl(event)) return;
      event.preventDefault();
      open(nextId);
    };
    window.addEventListener('keydown', press, { signal });
    window.addEventListener('pointerdown', stay, { signal });
    window.addEventListener('wheel', stay, { signal, passive: true });
    return () => stop.abort();
  }, [nextId, open]);
  return { advance, stay: () => happened({ kind: 'stayed' }) };
}
