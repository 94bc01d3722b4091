/** The state of the reading room and what its commands do to it. */
import { useReducer, useState } from 'react';
import type { Disposition, FindingKind, ReadingCase, Region, Verdict } from '../../api/types';
import { type Point3, positionOf } from '../../viewer/geometry';
import { sliceOf } from '../../viewer/stack';
import { firstView, type View, viewAfter, WHOLE_IMAGE } from '../../viewer/view';
import { CT_PRESETS, windowOfData } from '../../viewer/window';
import type { Command } from './key_map';
import {
  contentOfDraft,
  DISPOSITIONS,
  EMPTY_CONTENT,
  FINDING_KINDS,
  historyOf,
  newFinding,
  readAfter,
} from './read_content';
import type { CaseImages } from './use_case_images';

const VERDICT_COMMANDS: Partial<Record<Command, Verdict>> = {
  accept: 'ACCEPT',
  limitation: 'ACCEPT_WITH_LIMITATION',
  reject: 'REJECT',
  'cannot-judge': 'CANNOT_JUDGE',
};
const SCROLL_COMMANDS: Partial<Record<Command, number>> = {
  'next-slice': 1,
  'previous-slice': -1,
  'ten-on': 10,
  'ten-back': -10,
  'first-slice': Number.NEGATIVE_INFINITY,
  'last-slice': Number.POSITIVE_INFINITY,
};

/** The view before the images are there; the first original slice replaces it. */
function startOf(readingCase: ReadingCase): View {
  return firstView(0, { centre: 40, width: 400 }, readingCase.model.uncertaintyRange / 2);
}

function firstContent({ myRead, draft }: ReadingCase) {
  if (myRead) {
    const { verdict, findings, regions, comment } = myRead;
    return { verdict, findings, regions, comment };
  }
  return draft ? contentOfDraft(draft) : EMPTY_CONTENT;
}

/** Number at the end of a command's name ("preset-2" → 2). */
const numberOf = (command: Command) => Number(command.at(-1));

export function useRoom(readingCase: ReadingCase, images: CaseImages) {
  const [view, change] = useReducer(viewAfter, readingCase, startOf);
  const [read, say] = useReducer(readAfter, historyOf(firstContent(readingCase)));
  const [placedFor, setPlacedFor] = useState<CaseImages['original']>(null);
  const [currentRegion, setCurrentRegion] = useState<number | null>(null);
  const [marking, setMarking] = useState<FindingKind | 'choose' | null>(null);
  const [help, setHelp] = useState(false);
  const [signing, setSigning] = useState(false);
  const [columnShown, setColumnShown] = useState(true);
  const { original } = images;

  if (original && placedFor !== original) {
    const middle = original.slices[Math.floor(original.slices.length / 2)];
    setPlacedFor(original);
    change({
      kind: 'position',
      positionMm: original.positionsMm[Math.floor(original.slices.length / 2)] ?? 0,
    });
    if (middle) {
      change({
        kind: 'window',
        window: middle.header?.window ?? windowOfData(middle.values, middle.excluded),
      });
    }
  }

  const currentSlice = original
    ? original.slices.indexOf(sliceOf(original, view.positionMm) as never)
    : -1;
  const jump = (index: number) => {
    if (!original) return;
    const bounded = Math.max(0, Math.min(original.slices.length - 1, index));
    change({ kind: 'position', positionMm: original.positionsMm[bounded] ?? view.positionMm });
  };
  const goToPoint = (centreMm: readonly number[]) => {
    if (!original) return;
    const wanted = positionOf(centreMm as Point3, original.normal);
    const distances = original.positionsMm.map((positionMm) => Math.abs(positionMm - wanted));
    jump(distances.indexOf(Math.min(...distances)));
  };
  const goToRegion = (region: Region) => {
    setCurrentRegion(region.index);
    goToPoint(region.centreMm);
  };
  const walkRegions = (by: 1 | -1) => {
    const { regions } = readingCase;
    const at = regions.findIndex((region) => region.index === currentRegion);
    const next = at < 0 ? (by > 0 ? 0 : regions.length - 1) : at + by;
    const region = regions[(next + regions.length) % Math.max(1, regions.length)];
    if (region) goToRegion(region);
  };
  const place = (point: Point3) => {
    if (marking === null || marking === 'choose') return;
    say({ kind: 'finding-added', finding: newFinding(marking, point) });
    setMarking(null);
  };

  /** Commands that move, hang and grey: always allowed. */
  const look = (command: Command): boolean => {
    const scroll = SCROLL_COMMANDS[command];
    if (scroll !== undefined) jump(currentSlice + scroll);
    else if (command === 'next-stage') change({ kind: 'stage', by: 1 });
    else if (command === 'previous-stage') change({ kind: 'stage', by: -1 });
    else if (command === 'flicker') change({ kind: 'flicker' });
    else if (command === 'marks') change({ kind: 'marks' });
    else if (command === 'noise-mask') change({ kind: 'noise-mask' });
    else if (command === 'reset') change({ kind: 'camera', camera: WHOLE_IMAGE });
    else if (command.startsWith('preset-')) {
      const preset = CT_PRESETS[numberOf(command) - 1];
      if (preset && readingCase.source.modality === 'CT') {
        change({ kind: 'window', window: preset.window });
      }
    } else if (command === 'threshold-down' || command === 'threshold-up') {
      const step = readingCase.model.uncertaintyRange / 20;
      const threshold = view.threshold + (command === 'threshold-up' ? step : -step);
      change({ kind: 'threshold', threshold });
    } else if (command === 'column') setColumnShown((shown) => !shown);
    else if (command === 'help') setHelp(true);
    else return false;
    return true;
  };

  /** Commands that say something about the case; `canJudge` is false while verdict keys sleep. */
  const judge = (command: Command, regionsShown: boolean, canJudge: boolean): void => {
    const verdict = VERDICT_COMMANDS[command];
    if (verdict) {
      if (canJudge) say({ kind: 'verdict', verdict });
    } else if (command === 'mark') setMarking('choose');
    else if (command.startsWith('mark-')) {
      setMarking(FINDING_KINDS[numberOf(command) - 1] ?? null);
    } else if (command === 'undo' || command === 'redo') say({ kind: command });
    else if (!regionsShown) return;
    else if (command === 'next-region') walkRegions(1);
    else if (command === 'previous-region') walkRegions(-1);
    else if (command.startsWith('dispose-') && currentRegion !== null) {
      const disposition: Disposition | undefined = DISPOSITIONS[numberOf(command) - 1];
      if (disposition) say({ kind: 'disposition', region: currentRegion, disposition });
    }
  };

  return {
    view,
    change,
    content: read.present,
    say,
    currentRegion,
    currentSlice,
    marking,
    setMarking,
    help,
    setHelp,
    signing,
    setSigning,
    columnShown,
    jump,
    goToPoint,
    goToRegion,
    place,
    look,
    judge,
  };
}

export type Room = ReturnType<typeof useRoom>;
