/** What the panes have in common: a position, a window, zoom and pan; pure, so that it can be tested. */
import { type Point3, scrolled } from './geometry';
import { FIRST_PRIOR, movedOffset, type PriorPlace } from './prior';
import type { GreyWindow } from './window';

/**
 * The hanging: the original alone, four panes, one pane in which original and AI change places or part along a
 * curtain, original and AI beside a prior, and the AI in three planes above the original in the same planes.
 */
export type HangingStage = 'original' | 'four' | 'flicker' | 'prior' | 'mpr';
export const HANGING_STAGES: readonly HangingStage[] = [
  'original',
  'four',
  'flicker',
  'prior',
  'mpr',
];

export type AcquiredPane = 'original' | 'ai' | 'difference' | 'uncertainty';
export type ResampledPane = 'ai-rows' | 'ai-columns' | 'original-rows' | 'original-columns';
export type PaneName = AcquiredPane | ResampledPane | 'prior';

/** The hanging protocol as data: the panes of each stage, in reading order. */
export const HANGING: Record<HangingStage, readonly PaneName[]> = {
  original: ['original'],
  four: ['original', 'ai', 'difference', 'uncertainty'],
  flicker: ['original', 'ai'],
  prior: ['prior', 'original', 'ai'],
  mpr: ['ai', 'ai-rows', 'ai-columns', 'original', 'original-rows', 'original-columns'],
};

/** A direction on the screen as parts of the slice's row and column directions; each part is −1, 0 or 1. */
export type Direction = readonly [number, number];

/** How the slice is turned on the screen. A turn is of the view alone and never reaches an object. */
export interface Turn {
  right: Direction;
  down: Direction;
}

export const UNTURNED: Turn = { right: [1, 0], down: [0, 1] };

/** Zoom, pan and turn, the same in every pane. */
export interface Camera {
  zoom: number;
  /** Along the row direction, mm. */
  rightMm: number;
  /** Along the column direction, mm. */
  downMm: number;
  turn: Turn;
}

export interface View {
  stage: HangingStage;
  /** Along the normal of the original, mm. */
  positionMm: number;
  window: GreyWindow;
  /** The window of the AI image where its modality is another one; null where the two are linked. */
  aiWindow: GreyWindow | null;
  /** The window of the prior where its modality is another one; null where the two are linked. */
  priorWindow: GreyWindow | null;
  prior: PriorPlace;
  camera: Camera;
  /** Where the resampled planes cross, and with the acquired one; null is the middle of the slice. */
  cross: Point3 | null;
  /** One pane of the stage in the place of all; null shows the stage as it is. */
  solo: AcquiredPane | null;
  /** Which image the flicker stage shows. */
  flicker: 'original' | 'ai';
  /** How much of the flicker stage's width the original has, 0–1, right of which is the AI; null flickers. */
  wipe: number | null;
  /** The half-width from which a voxel counts as uncertain, in the image's unit. */
  threshold: number;
  noiseMask: boolean;
  /** What the difference pane shows: each voxel, or what is left of it after smoothing. */
  difference: 'voxels' | 'structure';
  /** Whether the line of the threshold is drawn over the grey images. */
  contour: boolean;
  /** Whether the AI pane shows the original where the interval is wider than the threshold. */
  sourceWhereWide: boolean;
  inverted: boolean;
  /** Whether marks and regions are drawn over the images. */
  marks: boolean;
}

export type ViewAction =
  | { kind: 'position'; positionMm: number }
  /** By so many of the slices that lie at these positions; positive goes on in their order. */
  | { kind: 'scroll'; by: number; positionsMm: readonly number[] }
  | { kind: 'window'; window: GreyWindow; of: 'original' | 'ai' | 'prior' }
  | { kind: 'unlink'; window: GreyWindow }
  /** The prior that stands first beside the original: how far from it, and in which window where it isn't linked. */
  | { kind: 'place-prior'; offsetMm: number; window: GreyWindow | null }
  /** The prior alone, by so many of its slices, which lie at these positions. */
  | { kind: 'move-prior'; by: number; positionsMm: readonly number[] }
  /** Here the two show the same place; once more takes that back. */
  | { kind: 'align-prior' }
  | { kind: 'next-prior'; of: number }
  | { kind: 'beside-prior' }
  | { kind: 'camera'; camera: Camera }
  | { kind: 'cross'; cross: Point3 }
  | { kind: 'stage'; by: 1 | -1 }
  | { kind: 'solo'; pane: AcquiredPane }
  | { kind: 'open-ai' }
  | { kind: 'flicker' }
  | { kind: 'wipe' }
  | { kind: 'curtain'; share: number }
  | { kind: 'threshold'; threshold: number }
  | { kind: 'turn'; how: TurnKind }
  | { kind: 'toggle'; what: Toggle };

/** How a view is turned: mirrored left to right or top to bottom, or by a quarter. */
export type TurnKind = 'mirror-across' | 'mirror-upright' | 'quarter-right' | 'quarter-left';
/** What is on or off. */
export type Toggle =
  | 'noise-mask'
  | 'structure'
  | 'contour'
  | 'source-where-wide'
  | 'marks'
  | 'invert';

export const WHOLE_IMAGE: Camera = { zoom: 1, rightMm: 0, downMm: 0, turn: UNTURNED };

export function firstView(positionMm: number, window: GreyWindow, threshold: number): View {
  return {
    stage: 'original',
    positionMm,
    window,
    aiWindow: null,
    priorWindow: null,
    prior: FIRST_PRIOR,
    camera: WHOLE_IMAGE,
    cross: null,
    solo: null,
    flicker: 'ai',
    wipe: null,
    threshold,
    noiseMask: false,
    difference: 'voxels',
    contour: false,
    sourceWhereWide: false,
    inverted: false,
    marks: true,
  };
}

/** The panes that are shown. */
export function panesOf(view: View): readonly PaneName[] {
  return view.solo ? [view.solo] : HANGING[view.stage];
}

/** Whether a pane of slices stands open to the eye: neither behind the other one nor behind a curtain. */
export function isOpen(view: View, pane: AcquiredPane): boolean {
  if (view.solo) return view.solo === pane;
  if (view.stage === 'flicker') return view.wipe === null && view.flicker === pane;
  return view.stage !== 'mpr' && HANGING[view.stage].includes(pane);
}

/** Whether anything that the AI made is on the screen. */
export const showsAi = (view: View): boolean =>
  panesOf(view).some((pane) => pane !== 'original' && pane !== 'prior');

/** A change of stage leaves the single pane; the position, the window and the camera stay. */
function staged(view: View, by: 1 | -1): View {
  const index = HANGING_STAGES.indexOf(view.stage) + by;
  return { ...view, stage: HANGING_STAGES[index] ?? view.stage, solo: null };
}

const opposite = ([row, column]: Direction): Direction => [0 - row, 0 - column];

/** The turn after one more, as the reader sees it. */
export function turned({ right, down }: Turn, how: TurnKind): Turn {
  switch (how) {
    case 'mirror-across':
      return { right: opposite(right), down };
    case 'mirror-upright':
      return { right, down: opposite(down) };
    case 'quarter-right':
      return { right: opposite(down), down: right };
    case 'quarter-left':
      return { right: down, down: opposite(right) };
    default:
      return how satisfies never;
  }
}

function toggled(view: View, what: Toggle): View {
  switch (what) {
    case 'noise-mask':
      return { ...view, noiseMask: !view.noiseMask };
    case 'structure':
      return { ...view, difference: view.difference === 'voxels' ? 'structure' : 'voxels' };
    case 'contour':
      return { ...view, contour: !view.contour };
    case 'source-where-wide':
      return { ...view, sourceWhereWide: !view.sourceWhereWide };
    case 'marks':
      return { ...view, marks: !view.marks };
    case 'invert':
      return { ...view, inverted: !view.inverted };
    default:
      return what satisfies never;
  }
}

/** A window that is linked to the original's moves with it. */
function windowed(view: View, of: 'original' | 'ai' | 'prior', window: GreyWindow): View {
  if (of === 'ai' && view.aiWindow) return { ...view, aiWindow: window };
  if (of === 'prior' && view.priorWindow) return { ...view, priorWindow: window };
  return { ...view, window };
}

type PriorAction = Extract<
  ViewAction,
  { kind: 'place-prior' | 'move-prior' | 'align-prior' | 'next-prior' | 'beside-prior' }
>;

/** What happens to the prior; the images of today stay where they are. */
function priorAfter(view: View, action: PriorAction): View {
  const { prior, positionMm } = view;
  const placed = (change: Partial<PriorPlace>): View => ({
    ...view,
    prior: { ...prior, ...change },
  });
  switch (action.kind) {
    case 'place-prior':
      return { ...placed({ offsetMm: action.offsetMm }), priorWindow: action.window };
    case 'move-prior': {
      if (prior.alignedAtMm !== null) return view;
      const { by, positionsMm } = action;
      return placed({ offsetMm: movedOffset(positionMm, prior.offsetMm, by, positionsMm) });
    }
    case 'align-prior':
      return placed({ alignedAtMm: prior.alignedAtMm === null ? positionMm : null });
    case 'next-prior': {
      const index = (prior.index + 1) % Math.max(1, action.of);
      return { ...view, prior: { ...FIRST_PRIOR, index }, priorWindow: null };
    }
    case 'beside-prior':
      return { ...view, stage: 'prior', solo: null, wipe: null };
    default:
      return action satisfies never;
  }
}

export function viewAfter(view: View, action: ViewAction): View {
  switch (action.kind) {
    case 'position':
      return { ...view, positionMm: action.positionMm };
    case 'scroll':
      return { ...view, positionMm: scrolled(view.positionMm, action.by, action.positionsMm) };
    case 'window':
      return windowed(view, action.of, action.window);
    case 'unlink':
      return { ...view, aiWindow: action.window };
    case 'place-prior':
    case 'move-prior':
    case 'align-prior':
    case 'next-prior':
    case 'beside-prior':
      return priorAfter(view, action);
    case 'camera':
      return { ...view, camera: action.camera };
    case 'cross':
      return { ...view, cross: action.cross };
    case 'stage':
      return staged(view, action.by);
    case 'solo':
      return { ...view, solo: view.solo === action.pane ? null : action.pane };
    case 'open-ai':
      if (isOpen(view, 'ai') && !view.sourceWhereWide) return view;
      return { ...view, stage: 'four', solo: null, wipe: null, sourceWhereWide: false };
    case 'flicker':
      return {
        ...view,
        stage: 'flicker',
        solo: null,
        wipe: null,
        flicker: view.flicker === 'ai' ? 'original' : 'ai',
      };
    case 'wipe':
      return { ...view, stage: 'flicker', solo: null, wipe: view.wipe === null ? 0.5 : null };
    case 'curtain':
      return { ...view, wipe: Math.max(0, Math.min(1, action.share)) };
    case 'threshold':
      return { ...view, threshold: Math.max(0, action.threshold) };
    case 'turn':
      return { ...view, camera: { ...view.camera, turn: turned(view.camera.turn, action.how) } };
    case 'toggle':
      return toggled(view, action.what);
    default:
      return action satisfies never;
  }
}

/** Zooms by a factor, within 1/2 … 20 of the whole image. */
export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, zoom: Math.max(0.5, Math.min(20, camera.zoom * factor)) };
}
