/** What the panes have in common: a position, a window, zoom and pan; pure, so that it can be tested. */
import type { GreyWindow } from './window';

/** The hanging: the original alone, four panes, or one pane in which original and AI change places. */
export type HangingStage = 'original' | 'four' | 'flicker';
export const HANGING_STAGES: readonly HangingStage[] = ['original', 'four', 'flicker'];

export type PaneName = 'original' | 'ai' | 'difference' | 'uncertainty';

/** The hanging protocol as data: the panes of each stage, in reading order. */
export const HANGING: Record<HangingStage, readonly PaneName[]> = {
  original: ['original'],
  four: ['original', 'ai', 'difference', 'uncertainty'],
  flicker: ['original', 'ai'],
};

/** Zoom and pan, the same patient millimetres in every pane. */
export interface Camera {
  zoom: number;
  /** Along the row direction, mm. */
  rightMm: number;
  /** Along the column direction, mm. */
  downMm: number;
}

export interface View {
  stage: HangingStage;
  /** Along the normal of the original, mm. */
  positionMm: number;
  window: GreyWindow;
  camera: Camera;
  /** Which image the flicker stage shows. */
  flicker: 'original' | 'ai';
  /** The half-width from which a voxel counts as uncertain, in the image's unit. */
  threshold: number;
  noiseMask: boolean;
  /** Whether marks and regions are drawn over the images. */
  marks: boolean;
}

export type ViewAction =
  | { kind: 'position'; positionMm: number }
  | { kind: 'window'; window: GreyWindow }
  | { kind: 'camera'; camera: Camera }
  | { kind: 'stage'; by: 1 | -1 }
  | { kind: 'flicker' }
  | { kind: 'threshold'; threshold: number }
  | { kind: 'noise-mask' }
  | { kind: 'marks' };

export const WHOLE_IMAGE: Camera = { zoom: 1, rightMm: 0, downMm: 0 };

export function firstView(positionMm: number, window: GreyWindow, threshold: number): View {
  return {
    stage: 'original',
    positionMm,
    window,
    camera: WHOLE_IMAGE,
    flicker: 'ai',
    threshold,
    noiseMask: false,
    marks: true,
  };
}

export function viewAfter(view: View, action: ViewAction): View {
  switch (action.kind) {
    case 'position':
      return { ...view, positionMm: action.positionMm };
    case 'window':
      return { ...view, window: action.window };
    case 'camera':
      return { ...view, camera: action.camera };
    case 'stage': {
      const index = HANGING_STAGES.indexOf(view.stage) + action.by;
      return { ...view, stage: HANGING_STAGES[index] ?? view.stage };
    }
    case 'flicker':
      return { ...view, flicker: view.flicker === 'ai' ? 'original' : 'ai' };
    case 'threshold':
      return { ...view, threshold: Math.max(0, action.threshold) };
    case 'noise-mask':
      return { ...view, noiseMask: !view.noiseMask };
    case 'marks':
      return { ...view, marks: !view.marks };
    default:
      return action satisfies never;
  }
}

/** Zooms by a factor, within 1/2 … 20 of the whole image. */
export function zoomed(camera: Camera, factor: number): Camera {
  return { ...camera, zoom: Math.max(0.5, Math.min(20, camera.zoom * factor)) };
}
