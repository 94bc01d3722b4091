/** The panes of the current hanging, all at the same place in the patient. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { personName } from '../../components/patient';
import { writtenUnit } from '../../components/unit';
import { type Plane, type Point3, positionOf, sameGrid, sliceAt } from '../../viewer/geometry';
import type { Line, Mark, MeasureMark } from '../../viewer/mark_layer';
import { type Measure, middleOf, statisticsOf } from '../../viewer/measure';
import { Pane } from '../../viewer/pane';
import type { Stroke } from '../../viewer/use_gestures';
import {
  type AcquiredPane,
  type PaneName,
  panesOf,
  type View,
  type ViewAction,
} from '../../viewer/view';
import type { GreyWindow } from '../../viewer/window';
import { type PaneWords, wordsOf } from './acquired_panes';
import { Curtain } from './curtain';
import { measureWords } from './numbers';
import { crossOf, measuredOn, type PaneScene, planeOf, usePaneScene } from './pane_scene';
import { ResampledPaneOf } from './resampled_pane';
import type { Drawn, Tool } from './tools';
import { drawnBy } from './tools';
import type { CaseImages } from './use_case_images';
import type { DrawnPane } from './use_evidence';

interface PanesProps {
  readingCase: ReadingCase;
  /** Whether two people have signed, as far as this reader may know. */
  released: boolean;
  images: CaseImages;
  view: View;
  change: (action: ViewAction) => void;
  scroll: (by: number) => void;
  marks: readonly Mark[];
  measures: readonly Measure[];
  /** What is in hand; null when the mouse only looks. */
  tool: Tool | null;
  onTool: (drawn: Drawn) => void;
  onDrawn: (pane: AcquiredPane, drawn: DrawnPane) => void;
}

const isAcquired = (pane: PaneName): pane is AcquiredPane => !pane.includes('-');

function lineOf(plane: Plane, cross: Point3, direction: Point3): Line {
  const reach = plane.columns * plane.columnSpacingMm + plane.rows * plane.rowSpacingMm;
  const end = (sign: number) =>
    cross.map((mm, axis) => mm + sign * reach * (direction[axis] ?? 0)) as Point3;
  return [end(-1), end(1)];
}

/** The slice of the original at the place of a slice of a pane. */
function sliceDrawn(scene: PaneScene, pane: AcquiredPane, index: number): number | null {
  const stack = pane === 'original' ? scene.original : scene.ai;
  const { original } = scene;
  const positionMm = stack?.positionsMm[index];
  if (!original || !scene.isWhole || positionMm === undefined) return null;
  return sliceAt(original.positionsMm, positionMm, original.toleranceMm);
}

function useMeasureMarks(props: PanesProps, scene: PaneScene, pending: Drawn | null) {
  const { t } = useTranslation();
  const { original } = scene;
  const words = {
    mean: t('room.mean'),
    deviation: t('room.deviation'),
    nothing: t('room.nothingInside'),
  };
  const drawn = pending?.measure ? [...props.measures, pending.measure] : props.measures;
  const here = drawn.filter(
    (measure) =>
      original &&
      Math.abs(positionOf(middleOf(measure), original.normal) - props.view.positionMm) <=
        original.toleranceMm,
  );
  const unit = writtenUnit(props.readingCase.model.unit);
  return (pane: AcquiredPane): MeasureMark[] => {
    const slice = measuredOn(scene, pane);
    return here.map((measure, index) => {
      const statistics = measure.kind === 'ellipse' && slice ? statisticsOf(measure, slice) : null;
      return {
        key: String(index),
        measure,
        words: measureWords(measure, statistics, unit, words),
      };
    });
  };
}

export function Panes(props: PanesProps) {
  const { readingCase, view, change, tool } = props;
  const { t, i18n } = useTranslation();
  const scene = usePaneScene(readingCase, props.images, view);
  const [pending, setPending] = useState<Drawn | null>(null);
  const measuresOn = useMeasureMarks(props, scene, pending);
  const { patient } = readingCase.study;
  const identity = `${personName(patient.name, i18n.language)} · ${patient.patientId}`;
  const standing = t(props.released ? 'reading.pane.aiReleased' : 'reading.pane.ai');
  const about = { t, readingCase, scene, view, standing, identity };
  const allMarks = pending?.mark ? [...props.marks, pending.mark] : props.marks;
  const marks = view.marks ? allMarks : [];
  const curtain = view.stage === 'flicker' && !view.solo ? view.wipe : null;
  const cross = crossOf(scene, view);

  const onStroke = (stroke: Stroke) => {
    if (!tool) return;
    const drawn = drawnBy(tool, stroke);
    setPending(stroke.isDone ? null : drawn);
    if (stroke.isDone) props.onTool(drawn);
  };
  const gestures = {
    camera: view.camera,
    onScroll: props.scroll,
    onCamera: (camera: View['camera']) => change({ kind: 'camera', camera }),
    onPoint: scene.setPoint,
    onStroke: tool ? onStroke : null,
    onClick:
      view.stage === 'mpr' ? (point: Point3) => change({ kind: 'cross', cross: point }) : null,
  };
  const windowOf = (pane: PaneName) => {
    const of = pane.startsWith('ai') ? ('ai' as const) : ('original' as const);
    return {
      window: of === 'ai' ? scene.aiWindow : view.window,
      onWindow: (window: GreyWindow) => change({ kind: 'window', window, of }),
    };
  };
  const acquired = (pane: AcquiredPane) => {
    const words: PaneWords = wordsOf(pane, about);
    const plane = planeOf(scene, pane);
    const isGrey = pane === 'original' || pane === 'ai';
    const fits = plane && scene.contour.plane && sameGrid(plane, scene.contour.plane);
    const behind = view.stage === 'flicker' && !view.solo && view.wipe === null;
    const { window, onWindow } = windowOf(pane);
    return (
      <Pane
        {...gestures}
        {...words}
        key={pane}
        viewportId={pane}
        framed={pane !== 'original'}
        plane={plane}
        shown={scene.shown[pane]}
        marks={pane === 'original' ? marks.filter(({ kind }) => kind === 'finding') : marks}
        measures={view.marks ? measuresOn(pane) : []}
        contour={isGrey && fits && scene.ai ? scene.contour.path : null}
        lines={
          view.stage === 'mpr' && plane && cross
            ? [lineOf(plane, cross, plane.row), lineOf(plane, cross, plane.column)]
            : []
        }
        window={window}
        onWindow={isGrey ? onWindow : null}
        concealed={behind && view.flicker !== pane}
        curtain={pane === 'ai' ? curtain : null}
        onDrawn={(drawn, projection) =>
          props.onDrawn(pane, {
            slice: sliceDrawn(scene, pane, drawn.index),
            projection,
            isPure: isGrey && !(pane === 'ai' && scene.isMixed),
          })
        }
      />
    );
  };
  const shape = view.solo ? 'solo' : view.stage;
  return (
    <div className={`panes panes-${shape}`}>
      {panesOf(view).map((pane) =>
        isAcquired(pane) ? (
          acquired(pane)
        ) : (
          <ResampledPaneOf
            {...gestures}
            {...windowOf(pane)}
            key={pane}
            name={pane}
            scene={scene}
            view={view}
            cross={cross}
            standing={standing}
            marks={marks}
          />
        ),
      )}
      {curtain !== null && (
        <Curtain share={curtain} onMove={(share) => change({ kind: 'curtain', share })} />
      )}
    </div>
  );
}
