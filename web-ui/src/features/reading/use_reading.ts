/** One reading of a case, from the first slice to the signature: what arrived, was seen and said, and what is missing. */
import { useMemo, useState } from 'react';
import type { SignedCase } from '../../api/documents';
import type { ReadingCase, Region } from '../../api/types';
import { seenSlices, slicesLeft } from '../../viewer/evidence';
import { isOpen, showsAi, type View } from '../../viewer/view';
import { useLocked } from '../session/session';
import { signingWaits } from './signing_waits';
import { type CaseImages, useCaseImages } from './use_case_images';
import { useEvidence } from './use_evidence';
import { useHold } from './use_hold';
import { usePrior } from './use_prior';
import { useRoom } from './use_room';

/** Whether the reader has gone on from the original, once and for the whole case. */
function useCompared(view: View, isSigned: boolean): boolean {
  const [compared, setCompared] = useState(isSigned);
  if (!compared && showsAi(view)) setCompared(true);
  return compared || showsAi(view);
}

function firstSigned(readingCase: ReadingCase): SignedCase | null {
  const { id, state, myRead, reads, withdrawUntil } = readingCase;
  return myRead ? { id, state, myRead, reads, withdrawUntil } : null;
}

/** How what arrived stands to what would be signed. */
function digestStateOf({ digest }: CaseImages, { caseDigest }: ReadingCase) {
  if (digest === null) return 'loading';
  return digest === caseDigest ? 'matches' : 'differs';
}

/** What of the case has been looked at, and the sizes it is looked at in. */
function useSeen(
  readingCase: ReadingCase,
  images: CaseImages,
  view: View,
  readOnly: boolean,
  page: Window,
) {
  const { regions } = readingCase;
  const isCovered = useLocked();
  const looked = useEvidence(view, regions, images.ai !== null, { page, isCovered });
  const { evidence } = looked;
  const slices = useMemo(() => seenSlices(evidence), [evidence]);
  const left = (region: Region) => (readOnly ? 0 : slicesLeft(region, evidence));
  const all = images.original?.slices.length;
  return {
    ...looked,
    slices,
    percent: all ? Math.round((100 * slices.size) / all) : 0,
    slicesLeft: left,
    unseenSlices: regions.reduce((sum, region) => sum + left(region), 0),
    /** The projection of the image that is looked at. */
    projection: () =>
      looked.projectionOf(
        view.stage === 'original' || view.solo === 'original' ? 'original' : 'ai',
      ),
    /** That of the AI pane; none while it does not stand open, because the pane to come has another size. */
    toAi: () => (isOpen(view, 'ai') ? looked.projectionOf('ai') : undefined),
  };
}

/** @param page The window that the images stand in. */
export function useReading(readingCase: ReadingCase, page: Window) {
  const images = useCaseImages(readingCase);
  const room = useRoom(readingCase, images, page);
  const { view, content } = room;
  const prior = usePrior(readingCase, images.original, view, room.change);
  const [signed, setSigned] = useState<SignedCase | null>(() => firstSigned(readingCase));
  const [deferring, setDeferring] = useState(false);
  const readOnly = signed !== null;
  const hold = useHold(readingCase, content, readOnly);
  const seen = useSeen(readingCase, images, view, readOnly, page);
  const compared = useCompared(view, readOnly);
  const digestState = digestStateOf(images, readingCase);
  const complete = digestState !== 'loading';
  const waits = signingWaits({
    held: hold.held,
    complete,
    matches: digestState === 'matches',
    compared,
    awake: seen.awake,
    unseenSlices: seen.unseenSlices,
    content,
  });
  const judged = readingCase.regions.filter(({ index }) =>
    content.regions.some((entry) => entry.region === index),
  );
  return {
    readingCase,
    page,
    images,
    prior,
    room,
    hold,
    seen,
    signed,
    /** Whether it was signed just now, and not before the room was opened. */
    isJustSigned: readOnly && !readingCase.myRead,
    readOnly,
    compared,
    digestState,
    complete,
    judgedRegions: judged.length,
    canJudge: complete && seen.awake && compared && !readOnly,
    /** What signing waits for; null when it waits for nothing. */
    waits,
    canSign: waits === null && !readOnly,
    deferring,
    setDeferring,
    onSigned: (after: SignedCase) => {
      setSigned(after);
      room.setSigning(false);
    },
  } as const;
}

export type Reading = ReturnType<typeof useReading>;
