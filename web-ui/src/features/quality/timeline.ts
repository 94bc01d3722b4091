/** The history of a case as a line with faces; pure. */
import type { LedgerEntry } from '../../api/types';
import type { IconName } from '../../components/icon';

/** What part of a case's life an event belongs to, in the order in which they come. */
export const PHASES = ['study', 'run', 'case', 'read', 'send', 'recall', 'access'] as const;
export type Phase = (typeof PHASES)[number];
export type Tone = 'good' | 'wait' | 'bad' | 'scales' | 'past' | 'plain';
export interface Face {
  phase: Phase;
  icon: IconName;
  tone: Tone;
}

const face = (phase: Phase, icon: IconName, tone: Tone = 'plain'): Face => ({ phase, icon, tone });

/** The face of each kind of event; `timeline.test.ts` holds the kinds to the ones that there are. */
export const FACES: Readonly<Record<string, Face>> = {
  'series.received': face('study', 'inbox'),
  'series.ready': face('study', 'inbox'),
  'series.changed': face('study', 'warning', 'wait'),
  'series.parked': face('study', 'pause', 'wait'),
  'series.unmatched': face('study', 'question', 'past'),
  'instance.quarantined': face('study', 'warning', 'bad'),
  'quarantine.readmitted': face('study', 'check'),
  'quarantine.discarded': face('study', 'cross', 'past'),
  'quarantine.overdue': face('study', 'clock', 'bad'),
  'instances.uploaded': face('study', 'inbox'),
  'study.disputed': face('study', 'question', 'wait'),
  'study.settled': face('study', 'check'),
  'study.flagged': face('study', 'warning', 'wait'),
  'study.unflagged': face('study', 'check'),
  'capacity.waits': face('run', 'clock', 'wait'),
  'capacity.wait_ended': face('run', 'arrow', 'past'),
  'run.requested': face('run', 'gear'),
  'run.started': face('run', 'play'),
  'run.completed': face('run', 'check'),
  'run.failed': face('run', 'cross', 'bad'),
  'run.superseded': face('run', 'arrow', 'past'),
  'case.queued': face('case', 'clock'),
  'case.held': face('case', 'pause', 'wait'),
  'case.resumed': face('case', 'play'),
  'case.deferred': face('case', 'clock', 'wait'),
  'case.returned': face('case', 'arrow'),
  'case.priority_changed': face('case', 'clock'),
  'case.overdue': face('case', 'warning', 'bad'),
  'case.expired': face('case', 'clock', 'past'),
  'case.superseded': face('case', 'arrow', 'past'),
  'case.sampled': face('case', 'scales', 'scales'),
  'case.sample_read': face('case', 'check', 'past'),
  'sentinel.marked': face('case', 'warning', 'wait'),
  'case.released': face('case', 'check', 'good'),
  'case.rejected': face('case', 'cross', 'bad'),
  'case.evaluated': face('case', 'check'),
  'case.leased': face('read', 'play'),
  'lease.ended': face('read', 'arrow', 'past'),
  'draft.saved': face('read', 'pen'),
  'read.signed': face('read', 'signature', 'good'),
  'signature.invalidated': face('read', 'cross', 'bad'),
  'read.withdrawn': face('read', 'arrow', 'wait'),
  'addendum.written': face('read', 'pen', 'wait'),
  'signature.refused': face('read', 'cross', 'bad'),
  'case.discordant': face('read', 'scales', 'scales'),
  'case.panel_called': face('read', 'scales', 'scales'),
  'conflict.declared': face('read', 'warning', 'wait'),
  'discussion.opened': face('read', 'question'),
  'discussion.contributed': face('read', 'pen'),
  'discussion.scored': face('read', 'scales', 'scales'),
  'discussion.closed': face('read', 'check', 'good'),
  'teaching_set.requested': face('read', 'copy'),
  'teaching_set.prepared': face('read', 'copy'),
  'teaching_set.refused': face('read', 'cross', 'past'),
  'teaching_set.released': face('read', 'check', 'good'),
  'teaching_set.exported': face('send', 'send'),
  'teaching_set.withdrawn': face('read', 'cross', 'past'),
  'send.queued': face('send', 'clock'),
  'send.delivered': face('send', 'send', 'good'),
  'send.failed': face('send', 'warning', 'bad'),
  'send.held': face('send', 'pause', 'wait'),
  'case.recall_proposed': face('recall', 'warning', 'bad'),
  'case.recalled': face('recall', 'cross', 'bad'),
  'rejection_note.opened': face('recall', 'clock', 'bad'),
  'rejection_note.sent': face('recall', 'send', 'wait'),
  'rejection_note.closed': face('recall', 'check', 'good'),
  'teaching_set.shown': face('access', 'eye', 'past'),
  'display.recorded': face('access', 'eye', 'past'),
  'access.recorded': face('access', 'eye', 'past'),
  'command.refused': face('access', 'cross', 'wait'),
};
const UNKNOWN = face('case', 'circle', 'past');

/** A kind of a newer server has the plain face. */
export const faceOf = (kind: string): Face => FACES[kind] ?? UNKNOWN;

/** One event, or accesses in a row that would hide what happened between them. */
export interface Moment {
  face: Face;
  /** Never empty, in the order in which they happened. */
  entries: LedgerEntry[];
}

/** The moments of some phases; accesses in a row are one moment. */
export function momentsOf(entries: readonly LedgerEntry[], shown: readonly Phase[]): Moment[] {
  const moments: Moment[] = [];
  for (const entry of entries) {
    const found = faceOf(entry.kind);
    if (!shown.includes(found.phase)) continue;
    const last = moments.at(-1);
    if (found.phase === 'access' && last?.face.phase === 'access' && sameFace(last.face, found)) {
      last.entries.push(entry);
    } else {
      moments.push({ face: found, entries: [entry] });
    }
  }
  return moments;
}

const sameFace = (a: Face, b: Face) => a.icon === b.icon && a.tone === b.tone;

export function countsOf(entries: readonly LedgerEntry[]): Record<Phase, number> {
  const counts = { study: 0, run: 0, case: 0, read: 0, send: 0, recall: 0, access: 0 };
  for (const { kind } of entries) counts[faceOf(kind).phase] += 1;
  return counts;
}

/** From here on a pause is told: people wait longer than programs. */
const PAUSE_MS = 10 * 60_000;

/** How long nothing happened before a moment, ms; null where that is not worth a word. */
export function pauseBefore(before: Moment | undefined, moment: Moment): number | null {
  const [last, first] = [before?.entries.at(-1), moment.entries[0]];
  if (!last || !first) return null;
  const pause = new Date(first.occurredAt).getTime() - new Date(last.occurredAt).getTime();
  return pause >= PAUSE_MS ? pause : null;
}
