/** What became of something, version by version, the newest first: when, by whom, what changed, and why. */
import { Time } from './time';

export interface PastVersion {
  number: number;
  at: string | null;
  by: string | null;
  /** In words; empty for what was so from the beginning. */
  changed: string;
  reason: string;
}

interface HistoryProps {
  /** Says how many there are. */
  summary: string;
  versions: readonly PastVersion[];
}

export function History({ summary, versions }: HistoryProps) {
  return (
    <details>
      <summary className="small">{summary}</summary>
      <ol className="history small" reversed>
        {versions.map(({ number, at, by, changed, reason }) => (
          <li key={number} value={number}>
            {at && <Time at={at} />}
            {at && by && ' · '}
            {by}
            {changed && <div>{changed}</div>}
            {reason && <q>{reason}</q>}
          </li>
        ))}
      </ol>
    </details>
  );
}
