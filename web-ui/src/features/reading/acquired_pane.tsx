/** A pane of slices as they were acquired or made. */
import { type Plane, type Point3, sameGrid, sliceAt } from '../../viewer/geometry';
import type { Line, Mark, MeasureMark } from '../../viewer/mark_layer';
import { Pane } from '../../viewer/pane';
import type { Gestures } from '../../viewer/use_gestures';
import type { AcquiredPane, View } from '../../viewer/view';
import { type PaneScene, planeOf } from './pane_scene';
import type { PaneWords } from './pane_words';
import type { DrawnPane } from './use_evidence';

interface AcquiredPaneProps extends Omit<Gestures, 'projection'> {
  name: AcquiredPane;
  scene: PaneScene;
  view: View;
  words: PaneWords;
  /** Where the planes of the view cross. */
  cross: Point3 | null;
  marks: readonly Mark[];
  measures: readonly MeasureMark[];
  /** Where the curtain parts this pane from the one behind it, 0–1; null where nothing does. */
  curtain: number | null;
  onDrawn: (pane: AcquiredPane, drawn: DrawnPane) => void;
}

function lineOf(plane: Plane, cross: Point3, direction: Point3): Line {
  const reach = plane.columns * plane.columnSpacingMm + plane.rows * plane.rowSpacingMm;
  const end = (sign: number) =>
    cross.map((mm, axis) => mm + sign * reach * (direction[axis] ?? 0)) as Point3;
  return [end(-1), end(1)];
}

/** The lines in which the resampled planes cut a slice. */
function linesOn(plane: Plane | null, view: View, cross: Point3 | null): Line[] {
  if (view.stage !== 'mpr' || !plane || !cross) return [];
  return [lineOf(plane, cross, plane.row), lineOf(plane, cross, plane.column)];
}

/** The slice of the original at the place of a slice of a pane. */
function sliceDrawn(scene: PaneScene, pane: AcquiredPane, index: number): number | null {
  const stack = pane === 'original' ? scene.original : scene.ai;
  const { original } = scene;
  const positionMm = stack?.positionsMm[index];
  if (!original || !scene.isWhole || positionMm === undefined) return null;
  return sliceAt(original.positionsMm, positionMm, original.toleranceMm);
}

/** Whether another pane stands before this one. */
const isBehind = ({ stage, solo, wipe, flicker }: View, pane: AcquiredPane) =>
  stage === 'flicker' && !solo && wipe === null && flicker !== pane;

export function AcquiredPaneOf(props: AcquiredPaneProps) {
  const { name, scene, view, words, cross, marks, measures, onDrawn, ...gestures } = props;
  const plane = planeOf(scene, name);
  const isGrey = name === 'original' || name === 'ai';
  const fits = plane && scene.contour.plane && sameGrid(plane, scene.contour.plane);
  return (
    <Pane
      {...gestures}
      {...words}
      viewportId={name}
      framed={name !== 'original'}
      plane={plane}
      shown={scene.shown[name]}
      // The regions are the AI's own doubt: they don't stand on the original.
      marks={name === 'original' ? marks.filter(({ kind }) => kind === 'finding') : marks}
      measures={view.marks ? measures : []}
      contour={isGrey && fits && scene.ai ? scene.contour.path : null}
      lines={linesOn(plane, view, cross)}
      onWindow={isGrey ? gestures.onWindow : null}
      concealed={isBehind(view, name)}
      onDrawn={(drawn, projection) =>
        onDrawn(name, {
          slice: sliceDrawn(scene, name, drawn.index),
          projection,
          isPure: isGrey && !(name === 'ai' && scene.isMixed),
        })
      }
    />
  );
}
