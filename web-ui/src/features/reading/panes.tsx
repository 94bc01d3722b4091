/** The panes of the current hanging, all at the same place in the patient. */
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { personName } from '../../components/patient';
import { writtenUnit } from '../../components/unit';
import { cividis, diverging, gradient } from '../../viewer/colour_map';
import { BELOW_THRESHOLD, DIFFERENCE_RANGE } from '../../viewer/difference';
import { type Point3, sliceAt } from '../../viewer/geometry';
import { type Mark, Pane } from '../../viewer/pane';
import { type Slice, type Stack, valueAt } from '../../viewer/stack';
import type { Shown } from '../../viewer/use_viewport';
import { HANGING, type PaneName, type View, type ViewAction } from '../../viewer/view';
import type { GreyWindow } from '../../viewer/window';
import { differencesOf, useDifferenceImage, useUncertaintyImage } from './computed_images';
import type { CaseImages } from './use_case_images';

interface PanesProps {
  readingCase: ReadingCase;
  /** Whether two people have signed, as far as this reader may know. */
  released: boolean;
  images: CaseImages;
  view: View;
  change: (action: ViewAction) => void;
  scroll: (by: number) => void;
  marks: readonly Mark[];
  onPlace: ((point: Point3) => void) | null;
}

function indexOf(stack: Stack | null, positionMm: number): number | null {
  return stack ? sliceAt(stack.positionsMm, positionMm, stack.toleranceMm) : null;
}

function useGreyImage(stack: Stack | null, index: number | null, window: GreyWindow): Shown | null {
  const imageIds = useMemo(() => stack?.slices.map((slice) => slice.imageId ?? '') ?? [], [stack]);
  return useMemo(
    () => (index === null ? null : { imageIds, index, window }),
    [imageIds, index, window],
  );
}

const number = (value: number | null, digits = 0) =>
  value === null
    ? '–'
    : (Object.is(Math.round(value), -0) ? 0 : value).toFixed(digits).replace('-', '−');

export function Panes({
  readingCase,
  released,
  images,
  view,
  change,
  scroll,
  marks,
  onPlace,
}: PanesProps) {
  const { t, i18n } = useTranslation();
  const [point, setPoint] = useState<Point3 | null>(null);
  const { original, ai, uncertainty, lower, upper } = images;
  const { uncertaintyRange: range } = readingCase.model;
  const unit = writtenUnit(readingCase.model.unit);
  const differences = useMemo(
    () => (original && ai ? differencesOf(original, ai) : null),
    [original, ai],
  );

  const index = {
    original: indexOf(original, view.positionMm),
    ai: indexOf(ai, view.positionMm),
    uncertainty: indexOf(uncertainty, view.positionMm),
  };
  const originalImage = useGreyImage(original, index.original, view.window);
  const aiImage = useGreyImage(ai, index.ai, view.window);
  const differenceImage = useDifferenceImage(ai, differences, view.noiseMask, index.ai);
  const uncertaintyImage = useUncertaintyImage(
    uncertainty,
    range,
    view.threshold,
    index.uncertainty,
  );

  const at = (stack: Stack | null) => (point ? valueAt(stack, view.positionMm, point) : null);
  const values = { original: at(original), ai: at(ai), half: at(uncertainty) };
  const changed =
    values.ai === null || values.original === null ? null : values.ai - values.original;

  const sliceLine = (stack: Stack | null, sliceIndex: number | null) =>
    stack && sliceIndex !== null
      ? `${t('reading.slice', { at: sliceIndex + 1, of: stack.slices.length })} · ${number(stack.positionsMm[sliceIndex] ?? 0, 1)} mm`
      : '';
  const windowLine = `W ${number(view.window.width)} C ${number(view.window.centre)}`;
  const greyLine = (value: number | null) =>
    value === null ? windowLine : `${windowLine} · ${number(value)} ${unit}`;
  const thresholdPercent = Math.min(100, (view.threshold / range) * 100);
  const shared = {
    camera: view.camera,
    window: view.window,
    onScroll: scroll,
    onCamera: (camera: View['camera']) => change({ kind: 'camera', camera }),
    onPoint: setPoint,
    onPlace,
  };
  const absent = (stack: Stack | null) => t(stack ? 'reading.noSlice' : 'reading.paneLoading');
  const onWindow = (window: GreyWindow) => change({ kind: 'window', window });
  const planeOf = (stack: Stack | null, sliceIndex: number | null): Slice['plane'] | null =>
    sliceIndex === null ? null : (stack?.slices[sliceIndex]?.plane ?? null);
  const shownMarks = view.marks ? marks : [];
  const findingsOnly = shownMarks.filter((mark) => mark.kind === 'finding');
  const { patient } = readingCase.study;
  const identity = `${personName(patient.name, i18n.language)} · ${patient.patientId}`;
  const standing = t(released ? 'reading.pane.aiReleased' : 'reading.pane.ai');
  /** What the AI made says so in every pane, whatever else the pane shows. */
  const madeByAi = (what: string) => (
    <>
      <strong>{standing}</strong>
      <span className="pane-what">{what}</span>
    </>
  );

  const panes: Record<PaneName, ReactNode> = {
    original: (
      <Pane
        {...shared}
        key="original"
        viewportId="original"
        absent={absent(original)}
        label={t('reading.pane.original')}
        framed={false}
        plane={planeOf(original, index.original)}
        shown={originalImage}
        marks={findingsOnly}
        onWindow={onWindow}
        concealed={view.stage === 'flicker' && view.flicker !== 'original'}
        topLeft={<strong>{t('reading.pane.original')}</strong>}
        topRight={identity}
        bottomLeft={greyLine(values.original)}
        bottomRight={sliceLine(original, index.original)}
      />
    ),
    ai: (
      <Pane
        {...shared}
        key="ai"
        viewportId="ai"
        absent={absent(ai)}
        label={standing}
        framed
        concealed={view.stage === 'flicker' && view.flicker !== 'ai'}
        plane={planeOf(ai, index.ai)}
        shown={aiImage}
        marks={shownMarks}
        onWindow={onWindow}
        topLeft={madeByAi(`${readingCase.model.name} ${readingCase.model.version}`)}
        topRight={identity}
        bottomLeft={greyLine(values.ai)}
        bottomRight={sliceLine(ai, index.ai)}
      />
    ),
    difference: (
      <Pane
        {...shared}
        key="difference"
        viewportId="difference"
        absent={absent(ai)}
        label={t('reading.pane.difference')}
        framed
        plane={planeOf(ai, index.ai)}
        shown={differenceImage}
        marks={shownMarks}
        onWindow={null}
        topLeft={madeByAi(t('reading.pane.difference'))}
        topRight={
          view.noiseMask
            ? t('reading.maskOn', { floor: number(differences?.floor() ?? 0), unit })
            : t('reading.maskOff')
        }
        bottomLeft={
          <>
            {changed !== null && `${changed > 0 ? '+' : ''}${number(changed)} ${unit}`}
            <span>{sliceLine(ai, index.ai)}</span>
          </>
        }
        bottomRight={
          <>
            <span className="colour-ends">
              <span>{t('reading.darker')}</span>
              <span>{t('reading.brighter')}</span>
            </span>
            <span className="colour-bar">
              −{DIFFERENCE_RANGE}
              <i style={{ background: gradient(diverging, -1, 1) }} />+{DIFFERENCE_RANGE} {unit}
            </span>
          </>
        }
      />
    ),
    uncertainty: (
      <Pane
        {...shared}
        key="uncertainty"
        viewportId="uncertainty"
        absent={absent(uncertainty)}
        label={t('reading.pane.uncertainty')}
        framed
        plane={planeOf(uncertainty, index.uncertainty)}
        shown={uncertaintyImage}
        marks={shownMarks}
        onWindow={null}
        topLeft={madeByAi(t('reading.pane.uncertainty'))}
        topRight={t('reading.thresholdAt', { value: number(view.threshold, 1), unit })}
        bottomLeft={
          <>
            {values.half !== null &&
              `±${number(values.half)} ${unit} [${number(at(lower))} … ${number(at(upper))}]`}
            <span>{sliceLine(uncertainty, index.uncertainty)}</span>
          </>
        }
        bottomRight={
          <span className="colour-bar">
            0
            <i style={{ background: gradient(cividis, 0, 1) }}>
              <s style={{ width: `${thresholdPercent}%`, opacity: 1 - BELOW_THRESHOLD }} />
              <b style={{ left: `${thresholdPercent}%` }} />
            </i>
            {range} {unit}
          </span>
        }
      />
    ),
  };
  return (
    <div className={`panes panes-${view.stage}`}>
      {HANGING[view.stage].map((name) => panes[name])}
    </div>
  );
}
