/** Which version a save follows, and what to do when somebody (another window) saved meanwhile; pure. */
import type { Draft } from '../../api/types';
import type { ReadContent } from './read_content';

/** How long a change may rest, so that what is typed in one go is saved in one go, ms. */
const REST_MS = 1_500;
/** When a save begins at the latest, so that who types on is saved within three seconds, ms after the first change. */
const LATEST_MS = 2_500;

/** How long a save still waits, ms, where the first unsaved change is `sinceMs` old. */
export const waitOfSave = (sinceMs: number): number =>
  Math.max(0, Math.min(REST_MS, LATEST_MS - sinceMs));

export interface DraftVersions {
  /** The stored version that this page follows; 0 before the first save. */
  version: number;
  /** The content as stored, as text. */
  stored: string;
  /** The content under way, as text; null while no save runs. */
  sending: string | null;
  /** The stored draft that this page did not write; saving rests until the reader has chosen. */
  conflict: Draft | null;
}

/** A content as text that is equal exactly when the contents are. */
export function textOf(content: ReadContent): string {
  const { verdict, comment, regions } = content;
  const findings = content.findings.map(({ kind, severity, centreMm, diameterMm, comment }) => ({
    kind,
    severity,
    centreMm,
    diameterMm,
    comment,
  }));
  const dispositions = regions.map(({ region, disposition }) => ({ region, disposition }));
  return JSON.stringify({ verdict, findings, regions: dispositions, comment });
}

export const versionsOf = (version: number, stored: ReadContent): DraftVersions => ({
  version,
  stored: textOf(stored),
  sending: null,
  conflict: null,
});

/** Whether there is something to save now. */
export function isDue(versions: DraftVersions, content: ReadContent): boolean {
  const resting = versions.conflict !== null || versions.sending !== null;
  return !resting && textOf(content) !== versions.stored;
}

export const sending = (versions: DraftVersions, content: ReadContent): DraftVersions => ({
  ...versions,
  sending: textOf(content),
});

/** The server took it: the next save follows the version it gave. */
export const saved = (versions: DraftVersions, version: number): DraftVersions => ({
  ...versions,
  version,
  stored: versions.sending ?? versions.stored,
  sending: null,
});

/** The save did not arrive; the next one repeats it. */
export const failed = (versions: DraftVersions): DraftVersions => ({ ...versions, sending: null });

/** The server holds another version than this page follows. */
export const conflicted = (versions: DraftVersions, conflict: Draft): DraftVersions => ({
  ...versions,
  sending: null,
  conflict,
});

/** The reader keeps what stands on this page: it will follow, and so replace, the stored version. */
export const keepMine = (versions: DraftVersions): DraftVersions => ({
  ...versions,
  version: versions.conflict?.version ?? versions.version,
  conflict: null,
});
