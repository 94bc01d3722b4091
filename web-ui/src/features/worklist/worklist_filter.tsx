/** The search field of the worklist and its chips. */
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import type { Priority, Stage } from '../../api/types';
import { useTaskWord } from '../people/task_word';
import { type Chip, keyOf } from './narrow';

interface WorklistFilterProps {
  words: string;
  onWords: (words: string) => void;
  offered: readonly Chip[];
  chosen: readonly Chip[];
  onChips: (chips: Chip[]) => void;
  field: RefObject<HTMLInputElement | null>;
}

export function WorklistFilter(props: WorklistFilterProps) {
  const { words, onWords, offered, chosen, onChips, field } = props;
  const { t } = useTranslation();
  const wordOf = useChipWord();
  const isChosen = (chip: Chip) => chosen.some((one) => keyOf(one) === keyOf(chip));
  const toggle = (chip: Chip) =>
    onChips(
      isChosen(chip) ? chosen.filter((one) => keyOf(one) !== keyOf(chip)) : [...chosen, chip],
    );
  // A chosen chip stays, so that it can be taken away, even when nothing offers it any more.
  const shown = [
    ...offered,
    ...chosen.filter((chip) => !offered.some((o) => keyOf(o) === keyOf(chip))),
  ];
  return (
    <search className="row-actions">
      <span className="search-field">
        <input
          ref={field}
          type="search"
          aria-label={t('worklist.search')}
          placeholder={t('worklist.searchHint')}
          value={words}
          onChange={(event) => onWords(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' && event.key !== 'Enter') return;
            if (event.key === 'Escape') onWords('');
            event.preventDefault();
            event.currentTarget.blur();
          }}
        />
        <kbd>/</kbd>
      </span>
      {shown.map((chip) => (
        <button
          key={keyOf(chip)}
          type="button"
          className="chip"
          aria-pressed={isChosen(chip)}
          onClick={() => toggle(chip)}
        >
          {wordOf(chip)}
        </button>
      ))}
      {(chosen.length > 0 || words) && (
        <button
          type="button"
          className="quiet"
          onClick={() => {
            onChips([]);
            onWords('');
          }}
        >
          {t('worklist.clear')}
        </button>
      )}
    </search>
  );
}

function useChipWord(): (chip: Chip) => string {
  const { t } = useTranslation();
  const taskWord = useTaskWord();
  return (chip) => {
    switch (chip.by) {
      case 'overdue':
        return t('coordination.concern.overdue');
      case 'priority':
        return t(`priority.${chip.value as Priority}`);
      case 'task':
        return taskWord(chip.value);
      case 'stage':
        return t(`stage.${chip.value as Stage}`);
      case 'modality':
      case 'scanner':
        return chip.value;
      default:
        return chip satisfies never;
    }
  };
}
