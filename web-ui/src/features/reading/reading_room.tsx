/** The reading room: images, strip, what the reader says, signing. */
import { useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignedCase } from '../../api/documents';
import type { ReadingCase, Refusal } from '../../api/types';
import { Fault } from '../../components/note';
import { uncertainShare } from '../../viewer/difference';
import { type Point3, positionOf } from '../../viewer/geometry';
import type { Mark } from '../../viewer/pane';
import { sliceOf } from '../../viewer/stack';
import { hasRole, useViewer } from '../session/session';
import { DeferStrip } from './defer_strip';
import { DraftConflict } from './draft_conflict';
import { KeyHelp } from './key_help';
import type { Command } from './key_map';
import { contentOfOffer, isUntouched } from './offered_content';
import { Panes } from './panes';
import { RoomColumn } from './room_column';
import { RoomHeader } from './room_header';
import { DraftOffer, LostHold } from './room_notices';
import { SignedStrip } from './signed_strip';
import { SigningStrip } from './signing_strip';
import { signingWaits } from './signing_waits';
import { SliceStrip, type StripSlice } from './slice_strip';
import { type CaseImages, useCaseImages } from './use_case_images';
import { useDraft } from './use_draft';
import { useEndedHold } from './use_ended_hold';
import { useEvidence } from './use_evidence';
import { useKeys } from './use_keys';
import { useLeaseRenewal } from './use_open_case';
import { type Room, useRoom } from './use_room';

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;

/** Marks near the slice shown: regions by their slices, findings by their size. */
function marksAt(
  readingCase: ReadingCase,
  room: Room,
  images: CaseImages,
  name: (n: number) => string,
): Mark[] {
  const { original } = images;
  if (!original) return [];
  const here = (centre: readonly number[], reachMm: number) =>
    Math.abs(positionOf(centre as Point3, original.normal) - room.view.positionMm) <= reachMm;
  const regions = readingCase.regions
    .filter(
      ({ firstSlice, lastSlice }) =>
        room.currentSlice >= firstSlice && room.currentSlice <= lastSlice,
    )
    .map(
      (region): Mark => ({
        key: `region ${region.index}`,
        kind: 'region',
        label: name(region.index + 1),
        centre: region.centreMm as Point3,
        diameterMm: region.diameterMm,
        current: region.index === room.currentRegion,
      }),
    );
  const findings = room.content.findings.flatMap((finding, index): Mark[] => {
    const { centreMm, diameterMm } = finding;
    if (!centreMm || !here(centreMm, Math.max(original.toleranceMm, (diameterMm ?? 0) / 2)))
      return [];
    return [
      {
        key: `finding ${index}`,
        kind: 'finding',
        label: String(index + 1),
        centre: centreMm as Point3,
        diameterMm: diameterMm ?? 0,
        current: false,
      },
    ];
  });
  return [...regions, ...findings];
}

function useStrip(
  readingCase: ReadingCase,
  images: CaseImages,
  room: Room,
  seen: ReadonlySet<number>,
) {
  const { original, uncertainty } = images;
  const { threshold } = room.view;
  const shares = useMemo(
    () =>
      original?.slices.map((slice, index) => {
        const map = sliceOf(uncertainty, original.positionsMm[index] ?? Number.NaN);
        const fits = map?.values.length === slice.values.length;
        return map ? uncertainShare(map.values, threshold, fits ? slice.excluded : null) : 0;
      }) ?? [],
    [original, uncertainty, threshold],
  );
  return shares.map((uncertain, index): StripSlice => {
    const positionMm = original?.positionsMm[index] ?? 0;
    const near = (centre: readonly number[] | null) =>
      !!centre &&
      !!original &&
      Math.abs(positionOf(centre as Point3, original.normal) - positionMm) <= original.toleranceMm;
    return {
      positionMm,
      uncertain,
      seen: seen.has(index),
      region: readingCase.regions.some(
        (region) => region.firstSlice <= index && index <= region.lastSlice,
      ),
      finding: room.content.findings.some((finding) => near(finding.centreMm)),
    };
  });
}

/** How the draft stands, in a few words. */
function draftWords(
  t: TFunction,
  language: string,
  draft: { offline: boolean; isSaved: boolean; savedAt: string | null },
  refused: boolean,
): string {
  if (refused) return t('reading.draftRefused');
  if (draft.offline) return t('reading.draftOffline');
  if (!draft.isSaved) return t('reading.draftSaving');
  if (!draft.savedAt) return '';
  const time = new Date(draft.savedAt).toLocaleTimeString(language, CLOCK);
  return t('reading.draftSaved', { time });
}

export function ReadingRoom({ readingCase }: { readingCase: ReadingCase }) {
  const { t, i18n } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const images = useCaseImages(readingCase);
  const room = useRoom(readingCase, images);
  const { view, content } = room;
  const [signed, setSigned] = useState<SignedCase | null>(
    readingCase.myRead
      ? {
          id: readingCase.id,
          state: readingCase.state,
          myRead: readingCase.myRead,
          reads: readingCase.reads,
          withdrawUntil: readingCase.withdrawUntil,
        }
      : null,
  );
  const [deferring, setDeferring] = useState(false);
  const [lost, setLost] = useState<Refusal | null>(null);
  const [offered, setOffered] = useState(readingCase.offeredDraft);
  const readOnly = signed !== null;
  const endedHold = useEndedHold(readingCase.id, !readOnly);
  const onLost = useCallback((refusal: Refusal) => setLost(refusal), []);
  const mayHold = !readOnly && !lost && !endedHold;
  useLeaseRenewal(readingCase.id, mayHold, onLost);
  const draft = useDraft(readingCase.id, readingCase.draft, content, mayHold);

  const refusal = lost ?? draft.refusal;
  const held = !refusal && mayHold;
  const complete = images.digest !== null;
  const matches = complete && images.digest === readingCase.caseDigest;
  const { seen, awake } = useEvidence(view, room.currentSlice, images.ai !== null);
  const compared = view.stage !== 'original' || seen.size > 0;
  const canJudge = complete && awake && compared && !readOnly;
  const waits = signingWaits({ held, complete, matches, compared, awake, content });
  const canSign = waits === null && !readOnly;
  const seenPercent = images.original
    ? Math.round((100 * seen.size) / images.original.slices.length)
    : 0;
  const strip = useStrip(readingCase, images, room, seen);
  const judged = readingCase.regions.filter(({ index }) =>
    content.regions.some((entry) => entry.region === index),
  ).length;

  const run = (command: Command) => {
    if (command === 'cancel') {
      room.setMarking(null);
      room.setSigning(false);
      setDeferring(false);
    } else if (command === 'sign') {
      room.setSigning(canSign);
      setDeferring(false);
    } else if (command === 'defer') {
      room.setSigning(false);
      setDeferring(held);
    } else if (!room.look(command) && !readOnly) room.judge(command, compared, canJudge);
  };
  useKeys(room.marking === 'choose', run);

  const onSigned = (after: SignedCase) => {
    setSigned(after);
    room.setSigning(false);
    void queries.invalidateQueries({ queryKey: ['worklist'] });
  };
  const draftLine = readOnly ? '' : draftWords(t, i18n.language, draft, !held);
  const marks = compared ? marksAt(readingCase, room, images, (n) => String(n)) : [];
  const digestState = complete ? (matches ? 'matches' : 'differs') : 'loading';

  return (
    <div className="room">
      <RoomHeader
        readingCase={readingCase}
        judgedRegions={judged}
        seenPercent={seenPercent}
        digestState={digestState}
        loaded={images.loaded}
        total={images.total}
        draftLine={draftLine}
        onHelp={() => room.setHelp(true)}
      />
      <main className="room-main">
        {images.error ? (
          <div className="page">
            <Fault error={images.error} onRetry={() => window.location.reload()} />
          </div>
        ) : images.original ? (
          <Panes
            readingCase={readingCase}
            released={(signed?.state ?? readingCase.state) === 'RELEASED'}
            images={images}
            view={view}
            change={room.change}
            scroll={(by) => room.jump(room.currentSlice + by)}
            marks={marks}
            onPlace={room.marking && room.marking !== 'choose' && !readOnly ? room.place : null}
          />
        ) : (
          <div className="room-wait">
            {t('reading.loading', { loaded: images.loaded, total: images.total })}
          </div>
        )}
        <SliceStrip
          slices={strip}
          current={room.currentSlice}
          showUncertain={compared}
          onJump={room.jump}
        />
        {room.columnShown && (
          <RoomColumn
            readingCase={readingCase}
            room={room}
            compared={compared}
            canJudge={canJudge}
            waits={waits}
            onDefer={held ? () => setDeferring(true) : null}
            readOnly={readOnly}
          />
        )}
        {!readOnly && <LostHold endedHold={endedHold} refusal={refusal} />}
        {held && offered && isUntouched(content) && (
          <DraftOffer
            offered={offered}
            onUse={() => {
              room.say({ kind: 'restore', content: contentOfOffer(offered) });
              setOffered(null);
            }}
            onLeave={() => setOffered(null)}
          />
        )}
        {draft.versions.conflict && (
          <DraftConflict
            stored={draft.versions.conflict}
            onKeep={draft.keepMine}
            onTake={(stored) => {
              room.say({ kind: 'restore', content: stored });
              draft.takeStored(stored);
            }}
          />
        )}
        {room.signing && canSign && content.verdict && images.digest && (
          <SigningStrip
            readingCase={readingCase}
            viewer={viewer}
            content={{ ...content, verdict: content.verdict }}
            digest={images.digest}
            objectCount={images.total}
            openRegions={readingCase.regions.length - judged}
            seenPercent={seenPercent}
            adjudicating={hasRole(viewer, 'ADJUDICATOR')}
            onSigned={onSigned}
            onClose={() => room.setSigning(false)}
          />
        )}
        {deferring && <DeferStrip caseId={readingCase.id} onClose={() => setDeferring(false)} />}
        {signed?.myRead && (
          <SignedStrip
            caseId={readingCase.id}
            read={signed.myRead}
            withdrawUntil={signed.withdrawUntil}
            others={signed.reads.filter((other) => other.id !== signed.myRead?.id)}
          />
        )}
      </main>
      {room.help && <KeyHelp onClose={() => room.setHelp(false)} />}
    </div>
  );
}
