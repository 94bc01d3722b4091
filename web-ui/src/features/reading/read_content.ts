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
import { afterChange, type History, historyOf, redone, undone } from './history';

export interface ReadContent {
  verdict: Verdict | null;
  findings: Finding[];
  regions: RegionDisposition[];
  comment: string;
  /** Rulers and ellipses: on this page only, neither saved nor signed. */
  measures: Measure[];
}

/** The comment is left to the text field's own undo. */
export type ReadHistory = History<ReadContent>;

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

export function readAfter(history: ReadHistory, action: ReadAction): ReadHistory {
  const { present } = history;
  switch (action.kind) {
    case 'restore':
      return historyOf(action.content);
    case 'verdict':
      return afterChange(history, { ...present, verdict: action.verdict });
    case 'comment':
      return { ...history, present: { ...present, comment: action.comment } };
    case 'finding-added':
      return afterChange(history, { ...present, findings: [...present.findings, action.finding] });
    case 'finding-changed': {
      const findings = present.findings.map((finding, index) =>
        index === action.index ? { ...finding, ...action.change } : finding,
      );
      return afterChange(history, { ...present, findings });
    }
    case 'finding-removed': {
      const findings = present.findings.filter((_, index) => index !== action.index);
      return afterChange(history, { ...present, findings });
    }
    case 'disposition': {
      const others = present.regions.filter((entry) => entry.region !== action.region);
      const entry = { region: action.region, disposition: action.disposition };
      const regions = [...others, entry].sort((a, b) => a.region - b.region);
      return afterChange(history, { ...present, regions });
    }
    case 'measured':
      return afterChange(history, { ...present, measures: [...present.measures, action.measure] });
    case 'measures-cleared':
      return afterChange(history, { ...present, measures: [] });
    case 'undo':
      return undone(history);
    case 'redo':
      return redone(history);
    default:
      return action satisfies never;
  }
}
