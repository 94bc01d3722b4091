/** What a reader says about a case, with undo and redo; pure. */
import type {
  Disposition,
  Draft,
  Finding,
  FindingKind,
  RegionDisposition,
  Verdict,
} from '../../api/types';
import type { Measure } from '../../viewer/measure';

export interface ReadContent {
  verdict: Verdict | null;
  findings: Finding[];
  regions: RegionDisposition[];
  comment: string;
  /** Rulers and ellipses: on this page only, neither saved nor signed. */
  measures: Measure[];
}

/** The content with its past and future; the comment is left to the text field's own undo. */
export interface ReadHistory {
  past: ReadContent[];
  present: ReadContent;
  future: ReadContent[];
}

export type ReadAction =
  | { kind: 'restore'; content: ReadContent }
  | { kind: 'verdict'; verdict: Verdict }
  | { kind: 'comment'; comment: string }
  | { kind: 'finding-added'; finding: Finding }
  | { kind: 'finding-changed'; index: number; change: Partial<Finding> }
  | { kind: 'finding-removed'; index: number }
  | { kind: 'disposition'; region: number; disposition: Disposition }
  | { kind: 'measured'; measure: Measure }
  | { kind: 'measures-cleared' }
  | { kind: 'undo' }
  | { kind: 'redo' };

export const EMPTY_CONTENT: ReadContent = {
  verdict: null,
  findings: [],
  regions: [],
  comment: '',
  measures: [],
};

export const FINDING_KINDS: readonly FindingKind[] = [
  'INVENTED',
  'LOST',
  'DISTORTED',
  'TEXTURE',
  'ARTEFACT',
  'INTENSITY',
];
export const DISPOSITIONS: readonly Disposition[] = [
  'PLAUSIBLE',
  'ARTEFACT',
  'INVENTED',
  'LOST',
  'CANNOT_TELL',
];

/** Diameter of a mark until the reader says otherwise, mm. */
export const FIRST_DIAMETER_MM = 6;

export function newFinding(
  kind: FindingKind,
  centreMm: number[],
  diameterMm: number = FIRST_DIAMETER_MM,
): Finding {
  return {
    id: null,
    kind,
    severity: 'MINOR',
    centreMm,
    diameterMm,
    comment: '',
  };
}

export const contentOfDraft = ({ verdict, findings, regions, comment }: Draft): ReadContent => ({
  verdict,
  findings,
  regions,
  comment,
  measures: [],
});

export const historyOf = (present: ReadContent): ReadHistory => ({ past: [], present, future: [] });

function changed(history: ReadHistory, present: ReadContent): ReadHistory {
  return { past: [...history.past, history.present], present, future: [] };
}

export function readAfter(history: ReadHistory, action: ReadAction): ReadHistory {
  const { past, present, future } = history;
  switch (action.kind) {
    case 'restore':
      return historyOf(action.content);
    case 'verdict':
      return changed(history, { ...present, verdict: action.verdict });
    case 'comment':
      return { ...history, present: { ...present, comment: action.comment } };
    case 'finding-added':
      return changed(history, { ...present, findings: [...present.findings, action.finding] });
    case 'finding-changed': {
      const findings = present.findings.map((finding, index) =>
        index === action.index ? { ...finding, ...action.change } : finding,
      );
      return changed(history, { ...present, findings });
    }
    case 'finding-removed': {
      const findings = present.findings.filter((_, index) => index !== action.index);
      return changed(history, { ...present, findings });
    }
    case 'disposition': {
      const others = present.regions.filter((entry) => entry.region !== action.region);
      const entry = { region: action.region, disposition: action.disposition };
      const regions = [...others, entry].sort((a, b) => a.region - b.region);
      return changed(history, { ...present, regions });
    }
    case 'measured':
      return changed(history, { ...present, measures: [...present.measures, action.measure] });
    case 'measures-cleared':
      return changed(history, { ...present, measures: [] });
    case 'undo': {
      const last = past.at(-1);
      if (!last) return history;
      return { past: past.slice(0, -1), present: last, future: [present, ...future] };
    }
    case 'redo': {
      const [next, ...rest] = future;
      return next ? { past: [...past, present], present: next, future: rest } : history;
    }
    default:
      return action satisfies never;
  }
}
