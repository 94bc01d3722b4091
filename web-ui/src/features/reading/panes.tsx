/** The panes of the current hanging, all at the same place in the patient. */
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { patientIdOf, personName } from '../../components/patient';
import type { Point3 } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import type { Measure } from '../../viewer/measure';
import type { Gestures } from '../../viewer/use_gestures';
import {
  type AcquiredPane,
  type PaneName,
  panesOf,
  type ResampledPane,
  type View,
  type ViewAction,
} from '../../viewer/view';
import { AcquiredPaneOf } from './acquired_pane';
import { Curtain } from './curtain';
import { useMeasureMarks } from './measure_marks';
import { crossOf, type PaneScene, usePaneScene } from './pane_scene';
import { wordsOf } from './pane_words';
import { PriorPane } from './prior_pane';
import { ResampledPaneOf } from './resampled_pane';
import type { Drawn, Tool } from './tools';
import type { CaseImages } from './use_case_images';
import type { DrawnPane } from './use_evidence';
import type { PriorBeside } from './use_prior';
import { useTool } from './use_tool';

interface PanesProps {
  readingCase: ReadingCase;
  /** Whether two people have signed, as far as this reader may know. */
  released: boolean;
  images: CaseImages;
  prior: PriorBeside;
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

const isResampled = (pane: PaneName): pane is ResampledPane => pane.includes('-');

/** What the mouse does on a pane: the same in every pane, but for the window, which may be the AI's own. */
function gesturesOn(
  pane: PaneName,
  { view, change, scroll }: PanesProps,
  scene: PaneScene,
  onStroke: Gestures['onStroke'],
): Omit<Gestures, 'projection'> {
  const of = pane === 'prior' ? pane : pane.startsWith('ai') ? 'ai' : 'original';
  return {
    camera: view.camera,
    window: of === 'ai' ? scene.aiWindow : view.window,
    onScroll: scroll,
    onCamera: (camera) => change({ kind: 'camera', camera }),
    onWindow: (window) => change({ kind: 'window', window, of }),
    onPoint: scene.setPoint,
    onStroke,
    onClick:
      view.stage === 'mpr' ? (point: Point3) => change({ kind: 'cross', cross: point }) : null,
  };
}

export function Panes(props: PanesProps) {
  const { readingCase, view, change } = props;
  const { t, i18n } = useTranslation();
  const scene = usePaneScene(readingCase, props.images, view);
  const { pending, onStroke } = useTool(props.tool, props.onTool);
  const measures = pending?.measure ? [...props.measures, pending.measure] : props.measures;
  const measuresOn = useMeasureMarks(readingCase, scene, view, measures);
  const { patient } = readingCase.study;
  const identity = `${personName(patient.name, i18n.language)} · ${patientIdOf(patient)}`;
  const standing = t(props.released ? 'reading.pane.aiReleased' : 'reading.pane.ai');
  const about = { t, readingCase, scene, view, standing, identity };
  const allMarks = pending?.mark ? [...props.marks, pending.mark] : props.marks;
  const marks = view.marks ? allMarks : [];
  const curtain = view.stage === 'flicker' && !view.solo ? view.wipe : null;
  const shared = { scene, view, marks, cross: crossOf(scene, view) };
  const paneOf = (pane: PaneName) => {
    const gestures = gesturesOn(pane, props, scene, onStroke);
    if (pane === 'prior') {
      const { prior: beside } = props;
      const what = { readingCase, beside, scene, view, identity, marks };
      return <PriorPane {...what} {...gestures} key={pane} />;
    }
    if (isResampled(pane)) {
      return (
        <ResampledPaneOf {...shared} {...gestures} key={pane} name={pane} standing={standing} />
      );
    }
    return (
      <AcquiredPaneOf
        {...shared}
        {...gestures}
        key={pane}
        name={pane}
        words={wordsOf(pane, about)}
        measures={measuresOn(pane)}
        curtain={pane === 'ai' ? curtain : null}
        onDrawn={props.onDrawn}
      />
    );
  };
  return (
    <div className={`panes panes-${view.solo ? 'solo' : view.stage}`}>
      {panesOf(view).map(paneOf)}
      {curtain !== null && (
        <Curtain share={curtain} onMove={(share) => change({ kind: 'curtain', share })} />
      )}
    </div>
  );
}
