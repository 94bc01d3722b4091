/** The state of the reading room and what its commands do to it. */
import { useReducer, useState } from 'react';
import type { Disposition, FindingKind, ReadingCase, Region, Verdict } from '../../api/types';
import type { Evidence } from '../../viewer/evidence';
import { type Point3, positionOf } from '../../viewer/geometry';
import { closeUp, type Projection } from '../../viewer/projection';
import { sliceOf } from '../../viewer/stack';
import { firstView, type View, viewAfter } from '../../viewer/view';
import { windowOfData } from '../../viewer/window';
import { historyOf } from './history';
import { type Command, SCROLL_COMMANDS } from './key_map';
import { lookOf } from './look_commands';
import { areComparable } from './pane_scene';
import {
  contentOfDraft,
  DISPOSITIONS,
  EMPTY_CONTENT,
  FINDING_KINDS,
  newFinding,
  readAfter,
} from './read_content';
import { nextToSee } from './region_walk';
import type { Drawn, Tool } from './tools';
import type { CaseImages } from './use_case_images';

const VERDICT_COMMANDS: Partial<Record<Command, Verdict>> = {
  accept: 'ACCEPT',
  limitation: 'ACCEPT_WITH_LIMITATION',
  reject: 'REJECT',
  'cannot-judge': 'CANNOT_JUDGE',
};

/** The view before the images are there; the first original slice replaces it. */
function startOf(readingCase: ReadingCase): View {
  return firstView(0, { centre: 40, width: 400 }, readingCase.model.uncertaintyRange / 2);
}

function firstContent({ myRead, draft }: ReadingCase) {
  if (myRead) {
    const { verdict, findings, regions, comment } = myRead;
    return { ...EMPTY_CONTENT, verdict, findings, regions, comment };
  }
  return draft ? contentOfDraft(draft) : EMPTY_CONTENT;
}

/** Number at the end of a command's name ("preset-2" → 2). */
const numberOf = (command: Command) => Number(command.at(-1));

/** Gives the view its first place and window, as soon as there is something to look at. */
function usePlacing(images: CaseImages, change: (action: Parameters<typeof viewAfter>[1]) => void) {
  const [placed, setPlaced] = useState(false);
  const [linkedFor, setLinkedFor] = useState<CaseImages['ai']>(null);
  const { original, preview, ai } = images;
  const first = original ?? preview.original;
  if (first && !placed) {
    const middle = Math.floor(first.slices.length / 2);
    const slice = first.slices[middle];
    setPlaced(true);
    change({ kind: 'position', positionMm: first.positionsMm[middle] ?? 0 });
    if (slice) {
      const window = slice.header?.window ?? windowOfData(slice.values, slice.excluded);
      change({ kind: 'window', window, of: 'original' });
    }
  }
  if (original && ai && linkedFor !== ai) {
    setLinkedFor(ai);
    const slice = ai.slices[Math.floor(ai.slices.length / 2)];
    if (slice && !areComparable(original, ai)) {
      const window = slice.header?.window ?? windowOfData(slice.values, slice.excluded);
      change({ kind: 'unlink', window });
    }
  }
}

export function useRoom(readingCase: ReadingCase, images: CaseImages, page: Window) {
  const [view, change] = useReducer(viewAfter, readingCase, startOf);
  const [read, say] = useReducer(readAfter, historyOf(firstContent(readingCase)));
  const [currentRegion, setCurrentRegion] = useState<number | null>(null);
  const [tool, setTool] = useState<Tool | 'choose' | null>(null);
  const [help, setHelp] = useState(false);
  const [signing, setSigning] = useState(false);
  const [columnShown, setColumnShown] = useState(true);
  const { original } = images;
  usePlacing(images, change);

  const currentSlice = original
    ? original.slices.indexOf(sliceOf(original, view.positionMm) as never)
    : -1;
  const jump = (index: number) => {
    if (!original) return;
    const bounded = Math.max(0, Math.min(original.slices.length - 1, index));
    change({ kind: 'position', positionMm: original.positionsMm[bounded] ?? view.positionMm });
  };
  const scroll = (by: number) => {
    if (original) change({ kind: 'scroll', by, positionsMm: original.positionsMm });
  };
  const goToPoint = (centreMm: readonly number[]) => {
    if (!original) return;
    const wanted = positionOf(centreMm as Point3, original.normal);
    const distances = original.positionsMm.map((positionMm) => Math.abs(positionMm - wanted));
    jump(distances.indexOf(Math.min(...distances)));
  };
  /** Goes to a region so close that each of its pixels is shown. */
  const goToRegion = (region: Region, slice: number | null, projection: Projection | undefined) => {
    setCurrentRegion(region.index);
    // What is to be seen is the AI image itself, in a pane of its own.
    change({ kind: 'open-ai' });
    if (slice === null) goToPoint(region.centreMm);
    else jump(slice);
    if (!projection) return;
    const centre = region.centreMm as Point3;
    const camera = closeUp(projection, view.camera, centre, page.devicePixelRatio);
    change({ kind: 'camera', camera });
  };
  const walkRegions = (by: 1 | -1, evidence: Evidence, projection: Projection | undefined) => {
    const at = { region: currentRegion, slice: currentSlice };
    const next = nextToSee(readingCase.regions, evidence, at, by);
    if (next) goToRegion(next.region, next.slice, projection);
  };
  const onTool = ({ mark, measure }: Drawn) => {
    if (mark && tool !== null && tool !== 'choose' && tool.kind === 'finding') {
      say({
        kind: 'finding-added',
        finding: newFinding(tool.finding, mark.centre, mark.diameterMm),
      });
    }
    if (measure) say({ kind: 'measured', measure });
    setTool(null);
  };

  /** Commands that move, hang and grey: always allowed. `compared` is false until the AI may be shown. */
  const look = (command: Command, compared: boolean): boolean => {
    const by = SCROLL_COMMANDS[command];
    if (by !== undefined) scroll(by);
    else if (command === 'column') setColumnShown((shown) => !shown);
    else if (command === 'help') setHelp(true);
    else if (command === 'ruler' || command === 'ellipse') setTool({ kind: command });
    else if (command === 'clear-measures') say({ kind: 'measures-cleared' });
    else {
      const actions = lookOf(command, view, readingCase, compared);
      if (!actions) return false;
      for (const action of actions) change(action);
    }
    return true;
  };

  /** Commands that say something about the case; `canJudge` is false while verdict keys sleep. */
  const judge = (command: Command, canJudge: boolean): void => {
    const verdict = VERDICT_COMMANDS[command];
    if (verdict) {
      if (canJudge) say({ kind: 'verdict', verdict });
    } else if (command === 'mark') setTool('choose');
    else if (command.startsWith('mark-')) {
      const finding: FindingKind | undefined = FINDING_KINDS[numberOf(command) - 1];
      setTool(finding ? { kind: 'finding', finding } : null);
    } else if (command === 'undo' || command === 'redo') say({ kind: command });
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
    tool,
    setTool,
    onTool,
    help,
    setHelp,
    signing,
    setSigning,
    columnShown,
    jump,
    scroll,
    goToPoint,
    goToRegion,
    walkRegions,
    look,
    judge,
  };
}

export type Room = ReturnType<typeof useRoom>;
