/** What a page says when there is nothing, when it waits, when it failed, when the domain said no. */
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/client';
import type { Refusal } from '../api/types';
import { Icon } from './icon';

/** An empty list says what would fill it. */
export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="note">
      <strong>{title}</strong>
      <p className="muted">{children}</p>
    </div>
  );
}

/** Keeps the place of a list while it loads. */
export function Loading({ rows }: { rows: number }) {
  const { t } = useTranslation();
  return (
    <div className="skeleton" role="status" aria-label={t('common.loading')}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <i key={row} />
      ))}
    </div>
  );
}

/** A fault: what happened, what was not lost, what to do, and the code that finds the log line. */
export function Fault({ error, onRetry }: { error: Error; onRetry: () => void }) {
  const { t } = useTranslation();
  const { code, remedy } = error instanceof ApiError ? error : { code: 'page', remedy: null };
  return (
    <div className="note note-bad" role="alert">
      <strong>
        <Icon name="warning" /> {asSentence(error.message)}
      </strong>
      {remedy && <p>{asSentence(remedy)}</p>}
      <p className="muted">{t('common.nothingLost')}</p>
      <div className="row-actions">
        <button type="button" onClick={onRetry}>
          {t('common.retry')}
        </button>
        <code>{code}</code>
      </div>
    </div>
  );
}

/** The server's messages begin in lower case, as in its logs; on a page they are sentences. */
const asSentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

interface RefusalNoteProps {
  refusal: Refusal;
  /** Acts that help. */
  children?: ReactNode;
}

/** A refusal by the domain: why, and what would help. */
export function RefusalNote({ refusal, children }: RefusalNoteProps) {
  return (
    <div className="note note-bad" role="alert">
      <strong>
        <Icon name="cross" /> {asSentence(refusal.message)}
      </strong>
      <p>{asSentence(refusal.remedy)}</p>
      <div className="row-actions">
        {children}
        <code className="muted">{refusal.code}</code>
      </div>
    </div>
  );
}
