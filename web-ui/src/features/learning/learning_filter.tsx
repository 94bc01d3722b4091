/** The search field of the discussions, and which of them are listed. */
import { useNavigate } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { SHOWN, type Shown } from './learning_search';

interface LearningFilterProps {
  words: string;
  onWords: (words: string) => void;
  shown: Shown;
  counts: Record<Shown, number>;
  field: RefObject<HTMLInputElement | null>;
}

export function LearningFilter({ words, onWords, shown, counts, field }: LearningFilterProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <search className="row-actions">
      <span className="search-field">
        <input
          ref={field}
          type="search"
          aria-label={t('learning.search')}
          placeholder={t('learning.searchHint')}
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
      {SHOWN.map((one) => (
        <button
          key={one}
          type="button"
          className="chip"
          aria-pressed={shown === one}
          onClick={() => void navigate({ to: '/learning', search: { shown: one } })}
        >
          {t(`learning.shown.${one}`)} <span className="count">{counts[one]}</span>
        </button>
      ))}
    </search>
  );
}
