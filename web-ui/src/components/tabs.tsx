/** Tabs that arrow keys walk through. Source: WAI-ARIA Authoring Practices, tabs. */
import type { KeyboardEvent } from 'react';

interface TabsProps<Name extends string> {
  names: readonly Name[];
  chosen: Name;
  wordOf: (name: Name) => string;
  onChoose: (name: Name) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

export function Tabs<Name extends string>({ names, chosen, wordOf, onChoose }: TabsProps<Name>) {
  const walk = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const index = (names.indexOf(chosen) + step + names.length) % names.length;
    const next = names[index];
    if (!next) return;
    onChoose(next);
    event.currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" onKeyDown={walk}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-controls={name === chosen ? `panel-${name}` : undefined}
          aria-selected={name === chosen}
          tabIndex={name === chosen ? 0 : -1}
          onClick={() => onChoose(name)}
        >
          {wordOf(name)}
        </button>
      ))}
    </div>
  );
}
