/** The corner texts of the four panes that show slices as they were acquired or made: original, AI, difference, uncertainty. */
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { writtenUnit } from '../../components/unit';
import { cividis, diverging, gradient } from '../../viewer/colour_map';
import { BELOW_THRESHOLD, DIFFERENCE_RANGE } from '../../viewer/difference';
import type { Stack } from '../../viewer/stack';
import { COHERENT_Z, SMOOTHING_MM, STRUCTURE_RANGE } from '../../viewer/structure';
import type { AcquiredPane, View } from '../../viewer/view';
import type { GreyWindow } from '../../viewer/window';
import { figure, signed } from './numbers';
import { type PaneScene, scoreUnder, valueUnder } from './pane_scene';

/** Slices that lie further apart than this are told, mm. */
const MISMATCH_MM = 0.5;

export interface PaneWords {
  label: string;
  topLeft: ReactNode;
  topRight: ReactNode;
  bottomLeft: ReactNode;
  bottomRight: ReactNode;
  absent: string;
}

interface WordsOf {
  t: TFunction;
  readingCase: ReadingCase;
  scene: PaneScene;
  view: View;
  /** "AI-GENERATED — NOT RELEASED". */
  standing: string;
  identity: string;
}

interface SliceLineProps {
  stack: Stack;
  index: number;
  /** Where a slice is wanted, along the normal of the stack. */
  positionMm: number;
}

/** Which slice it is, where it lies, and how far from where one is wanted. */
export function SliceLine({ stack, index, positionMm: wantedMm }: SliceLineProps) {
  const { t } = useTranslation();
  const positionMm = stack.positionsMm[index] ?? wantedMm;
  const off = positionMm - wantedMm;
  return (
    <>
      <span>
        {t('reading.slice', { at: index + 1, of: stack.slices.length })} · {figure(positionMm, 1)}{' '}
        mm
      </span>
      {Math.abs(off) > MISMATCH_MM && (
        <span className="wait">⚠ {t('room.beside', { mm: signed(off, 1) })}</span>
      )}
    </>
  );
}

function sliceLine({ view }: WordsOf, stack: Stack | null, index: number | null): ReactNode {
  if (!stack || index === null) return '';
  return <SliceLine stack={stack} index={index} positionMm={view.positionMm} />;
}

export function greyLine(window: GreyWindow, value: number | null, unit: string): string {
  const words = `W ${figure(window.width)} C ${figure(window.centre)}`;
  return value === null ? words : `${words} · ${figure(value)} ${unit}`;
}

/** What the AI made says so in every pane, whatever else the pane shows. */
export const madeByAi = (standing: string, what: ReactNode): ReactNode => (
  <>
    <strong>{standing}</strong>
    <span className="pane-what">{what}</span>
  </>
);

const absentWords = (t: TFunction, stack: Stack | null) =>
  t(stack ? 'reading.noSlice' : 'reading.paneLoading');

/** Who it is; the head of the room says it too, where a pane is too small. */
export const Identity = ({ words }: { words: string }) => (
  <span className="pane-identity">{words}</span>
);

function originalWords(about: WordsOf): PaneWords {
  const { t, scene, view, identity, readingCase } = about;
  const unit = scene.original?.slices[0]?.header?.unit ?? writtenUnit(readingCase.model.unit);
  return {
    label: t('reading.pane.original'),
    topLeft: <strong>{t('reading.pane.original')}</strong>,
    topRight: <Identity words={identity} />,
    bottomLeft: greyLine(view.window, valueUnder(scene, scene.original), unit),
    bottomRight: sliceLine(about, scene.original, scene.index.original),
    absent: absentWords(t, scene.original),
  };
}

function aiWords(about: WordsOf): PaneWords {
  const { t, scene, view, identity, readingCase, standing } = about;
  const unit = scene.ai?.slices[0]?.header?.unit ?? writtenUnit(readingCase.model.unit);
  const { model, isModelHidden } = readingCase;
  const name = isModelHidden ? t('case.modelHidden') : `${model.name} ${model.version}`;
  const mixed = t('room.mixed', { value: figure(view.threshold, 1), unit });
  const label = madeByAi(standing, scene.isMixed ? <em>{mixed}</em> : name);
  const isCurtained = view.stage === 'flicker' && view.wipe !== null && view.solo === null;
  return {
    label: standing,
    // Beside a curtain the left corner is the original's.
    topLeft: isCurtained ? null : label,
    topRight: isCurtained ? (
      <>
        {label}
        <Identity words={identity} />
      </>
    ) : (
      <Identity words={identity} />
    ),
    bottomLeft: isCurtained ? null : greyLine(scene.aiWindow, valueUnder(scene, scene.ai), unit),
    bottomRight: sliceLine(about, scene.ai, scene.index.ai),
    absent: absentWords(t, scene.ai),
  };
}

const bar = (low: ReactNode, scale: string, high: ReactNode, inside?: ReactNode) => (
  <span className="colour-bar">
    {low}
    <i style={{ background: scale }}>{inside}</i>
    {high}
  </span>
);

function differenceWords(about: WordsOf): PaneWords {
  const { t, scene, view, readingCase, standing } = about;
  const unit = writtenUnit(readingCase.model.unit);
  const isStructure = view.difference === 'structure';
  const [one, two] = [valueUnder(scene, scene.original), valueUnder(scene, scene.ai)];
  const score = scoreUnder(scene);
  const changed = one === null || two === null ? null : two - one;
  const voxelMask = view.noiseMask
    ? t('reading.maskOn', { floor: figure(scene.differences?.floor() ?? 0), unit })
    : t('room.maskOff');
  const structureMask = t(view.noiseMask ? 'room.structureMasked' : 'room.structureShown', {
    z: COHERENT_Z,
  });
  const title = isStructure
    ? t('room.structure', { mm: SMOOTHING_MM })
    : t('reading.pane.difference');
  const end = isStructure ? STRUCTURE_RANGE : DIFFERENCE_RANGE;
  const scale = isStructure ? 'σ' : unit;
  const comparable = scene.differences !== null || !scene.ai;
  return {
    label: title,
    topLeft: madeByAi(standing, title),
    topRight: isStructure ? structureMask : voxelMask,
    bottomLeft: (
      <>
        {isStructure
          ? score !== null && `${signed(score, 1)} σ`
          : changed !== null && `${signed(changed)} ${unit}`}
        {sliceLine(about, scene.ai, scene.index.ai)}
      </>
    ),
    bottomRight: (
      <>
        <span className="colour-ends">
          <span>{t('reading.darker')}</span>
          <span>{t('reading.brighter')}</span>
        </span>
        {bar(`−${end}`, gradient(diverging, -1, 1), `+${end} ${scale}`)}
      </>
    ),
    absent: !comparable
      ? t('room.notComparable')
      : isStructure && scene.ai
        ? t('room.smoothing')
        : absentWords(t, scene.ai),
  };
}

function uncertaintyWords(about: WordsOf): PaneWords {
  const { t, scene, view, readingCase, standing } = about;
  const unit = writtenUnit(readingCase.model.unit);
  const range = readingCase.model.uncertaintyRange;
  const percent = Math.min(100, (view.threshold / range) * 100);
  const half = valueUnder(scene, scene.uncertainty);
  const [low, high] = [valueUnder(scene, scene.lower), valueUnder(scene, scene.upper)];
  return {
    label: t('reading.pane.uncertainty'),
    topLeft: madeByAi(standing, t('reading.pane.uncertainty')),
    topRight: t('reading.thresholdAt', { value: figure(view.threshold, 1), unit }),
    bottomLeft: (
      <>
        {half !== null && `±${figure(half)} ${unit} [${figure(low)} … ${figure(high)}]`}
        {sliceLine(about, scene.uncertainty, scene.index.uncertainty)}
      </>
    ),
    bottomRight: bar(
      0,
      gradient(cividis, 0, 1),
      `${range} ${unit}`,
      <>
        <s style={{ width: `${percent}%`, opacity: 1 - BELOW_THRESHOLD }} />
        <b style={{ left: `${percent}%` }} />
      </>,
    ),
    absent: absentWords(t, scene.uncertainty),
  };
}

/** The corner texts of a pane. */
export function wordsOf(pane: AcquiredPane, about: WordsOf): PaneWords {
  switch (pane) {
    case 'original':
      return originalWords(about);
    case 'ai':
      return aiWords(about);
    case 'difference':
      return differenceWords(about);
    case 'uncertainty':
      return uncertaintyWords(about);
    default:
      return pane satisfies never;
  }
}
