/** What the panes have in common: a position, a window, zoom and pan; pure, so that it can be tested. */
import type { Point3 } from './geometry';
import type { GreyWindow } from './window';

/**
 * The hanging: the original alone, four panes, one pane in which original and AI change places or part along a
 * curtain, and the AI in three planes above the original in the same planes.
 */
export type HangingStage = 'original' | 'four' | 'flicker' | 'mpr';
export const HANGING_STAGES: readonly HangingStage[] = ['original', 'four', 'flicker', 'mpr'];

export type AcquiredPane = 'original' | 'ai' | 'difference' | 'uncertainty';
export type ResampledPane = 'ai-rows' | 'ai-columns' | 'original-rows' | 'original-columns';
export type PaneName = AcquiredPane | ResampledPane;

/** The hanging protocol as data: the panes of each stage, in reading order. */
export const HANGING: Record<HangingStage, readonly PaneName[]> = {
  original: ['original'],
  four: ['original', 'ai', 'difference', 'uncertainty'],
  flicker: ['original', 'ai'],
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
  | { kind: 'window'; window: GreyWindow; of: 'original' | 'ai' }
  | { kind: 'unlink'; window: GreyWindow }
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
export const showsAi = (view: View): boolean => panesOf(view).some((pane) => pane !== 'original');

/** A change of stage leaves the single pane; the position, the window and the camera stay. */
function staged(view: View, by: 1 | -1): View {
  const index = HANGING_STAGES.indexOf(view.stage) + by;
  return { ...view, stage: HANGING_STAGES[index] ?? view.stage, solo: null };
}

/**
 * The position after so many slices, within the first and the last. From where the view is when it is carried out, so
 * that strokes that come faster than the page draws are all counted.
 */
function scrolled(positionMm: number, by: number, positionsMm: readonly number[]): number {
  const distances = positionsMm.map((candidate) => Math.abs(candidate - positionMm));
  const here = distances.indexOf(Math.min(...distances));
  const index = Math.max(0, Math.min(positionsMm.length - 1, here + by));
  return positionsMm[index] ?? positionMm;
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

export function viewAfter(view: View, action: ViewAction): View {
  switch (action.kind) {
    case 'position':
      return { ...view, positionMm: action.positionMm };
    case 'scroll':
      return { ...view, positionMm: scrolled(view.positionMm, action.by, action.positionsMm) };
    case 'window':
      return action.of === 'ai' && view.aiWindow
        ? { ...view, aiWindow: action.window }
        : { ...view, window: action.window };
    case 'unlink':
      return { ...view, aiWindow: action.window };
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
