/** The cases behind a mark, beside it: a button with their number, and the list once it is opened. */
import { Link } from '@tanstack/react-router';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface CasesBesideProps {
  /** What the cases are of, for people who don't see where the button stands. */
  of: string;
  caseIds: readonly string[];
}

export function CasesBeside({ of, caseIds }: CasesBesideProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const list = useId();
  if (caseIds.length === 0) return null;
  return (
    <span className="cases-beside">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={list}
        aria-label={`${t('watch.show', { count: caseIds.length })}: ${of}`}
        onClick={() => setOpen(!open)}
      >
        {open ? t('watch.close') : t('watch.show', { count: caseIds.length })}
      </button>
      {open && (
        <ul id={list} className="case-links">
          {caseIds.map((id) => (
            <li key={id}>
              <Link className="mono" to="/cases/$caseId" params={{ caseId: id }}>
                {id}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </span>
  );
}
