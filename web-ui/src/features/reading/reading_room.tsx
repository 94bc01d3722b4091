/** The reading room: images, strip, what the reader says, signing. */
import { useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignedCase } from '../../api/documents';
import type { ReadingCase, Refusal, Region } from '../../api/types';
import { Fault } from '../../components/note';
import { inARow, personName } from '../../components/patient';
import { dicomDate } from '../../components/time';
import { seenSlices, slicesLeft } from '../../viewer/evidence';
import { fullSize } from '../../viewer/projection';
import { isOpen, showsAi, type View } from '../../viewer/view';
import { hasRole, useViewer } from '../session/session';
import { DeferStrip } from './defer_strip';
import { DraftConflict } from './draft_conflict';
import { KeyHelp } from './key_help';
import type { Command } from './key_map';
import { contentOfOffer, isUntouched } from './offered_content';
import { mapWith } from './own_keys';
import { OwnWindow, useOwnWindow } from './own_window';
import { Panes } from './panes';
import { contentOfDraft } from './read_content';
import { unseenOf } from './region_walk';
import { RoomColumn } from './room_column';
import { RoomHeader } from './room_header';
import { marksAt, useStrip } from './room_marks';
import { DraftOffer, LostHold } from './room_notices';
import { SignedStrip } from './signed_strip';
import { SigningStrip } from './signing_strip';
import { signingWaits } from './signing_waits';
import { SliceStrip } from './slice_strip';
import { countSigned } from './tally';
import { useCaseImages } from './use_case_images';
import { useDraft } from './use_draft';
import { useEndedHold } from './use_ended_hold';
import { useEvidence } from './use_evidence';
import { useKeys } from './use_keys';
import { useLeaseRenewal } from './use_open_case';
import { useOwnKeys } from './use_own_keys';
import { usePrefetch } from './use_prefetch';
import { useRoom } from './use_room';

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;

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

export function ReadingRoom({ readingCase }: { readingCase: ReadingCase }) {
  const { t, i18n } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const images = useCaseImages(readingCase);
  const room = useRoom(readingCase, images);
  const { view, content } = room;
  const [signed, setSigned] = useState<SignedCase | null>(() => firstSigned(readingCase));
  const [deferring, setDeferring] = useState(false);
  const [lost, setLost] = useState<Refusal | null>(null);
  const [offered, setOffered] = useState(readingCase.offeredDraft);
  const [ownKeys, setOwnKeys] = useOwnKeys(viewer.id);
  const own = useOwnWindow();
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
  usePrefetch(readingCase.id, complete);
  const looked = useEvidence(view, readingCase.regions, images.ai !== null);
  const { evidence, awake } = looked;
  const seen = useMemo(() => seenSlices(evidence), [evidence]);
  const compared = useCompared(view, readOnly);
  const canJudge = complete && awake && compared && !readOnly;
  const left = (region: Region) => (readOnly ? 0 : slicesLeft(region, evidence));
  const unseenSlices = readingCase.regions.reduce((sum, region) => sum + left(region), 0);
  const waits = signingWaits({ held, complete, matches, compared, awake, unseenSlices, content });
  const canSign = waits === null && !readOnly;
  const seenPercent = images.original
    ? Math.round((100 * seen.size) / images.original.slices.length)
    : 0;
  const strip = useStrip(readingCase, images, room, seen);
  const judged = readingCase.regions.filter(({ index }) =>
    content.regions.some((entry) => entry.region === index),
  ).length;
  const projection = () =>
    looked.projectionOf(view.stage === 'original' || view.solo === 'original' ? 'original' : 'ai');

  /** The projection of the AI pane; none while it does not stand open, because the pane to come has another size. */
  const toAi = () => (isOpen(view, 'ai') ? looked.projectionOf('ai') : undefined);

  const steer = (command: Command): boolean => {
    if (command === 'cancel') {
      room.setTool(null);
      room.setSigning(false);
      setDeferring(false);
    } else if (command === 'sign') {
      room.setSigning(canSign);
      setDeferring(false);
    } else if (command === 'defer') {
      room.setSigning(false);
      setDeferring(held);
    } else if (command === 'draft') draft.saveNow();
    else if (command === 'detach') own.toggle();
    else if (command === 'full-size') {
      const now = projection();
      const density = window.devicePixelRatio;
      if (now) room.change({ kind: 'camera', camera: fullSize(now, view.camera, density) });
    } else if (command === 'next-region' || command === 'previous-region') {
      const by = command === 'next-region' ? 1 : -1;
      if (compared) room.walkRegions(by, evidence, toAi());
    } else return false;
    return true;
  };
  const run = (command: Command) => {
    if (steer(command) || room.look(command, compared) || readOnly) return;
    if (compared || !command.startsWith('dispose-')) room.judge(command, canJudge);
  };
  const map = useMemo(() => mapWith(ownKeys), [ownKeys]);
  useKeys(map, room.tool === 'choose', run, own.pages);

  const onSigned = (after: SignedCase) => {
    setSigned(after);
    room.setSigning(false);
    countSigned(viewer.id);
    void queries.invalidateQueries({ queryKey: ['worklist'] });
  };
  const { patient } = readingCase.study;
  const identity = inARow(
    personName(patient.name, i18n.language),
    patient.patientId,
    patient.birthDate && t('room.born', { date: dicomDate(patient.birthDate) }),
  );
  const draftLine = readOnly ? '' : draftWords(t, i18n.language, draft, !held);
  const marks = compared ? marksAt(readingCase, room, images, (n) => String(n)) : [];
  const digestState = complete ? (matches ? 'matches' : 'differs') : 'loading';
  const panes = (
    <Panes
      readingCase={readingCase}
      released={(signed?.state ?? readingCase.state) === 'RELEASED'}
      images={images}
      view={view}
      change={room.change}
      scroll={(by) => room.jump(room.currentSlice + by)}
      marks={marks}
      measures={content.measures}
      tool={
        room.tool === 'choose' || (readOnly && room.tool?.kind === 'finding') ? null : room.tool
      }
      onTool={room.onTool}
      onDrawn={looked.onDrawn}
    />
  );

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
        ) : images.original || images.preview ? (
          <OwnWindow own={own} title={t('room.detach')} identity={identity}>
            {panes}
          </OwnWindow>
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
            slicesLeft={left}
            onRegion={(region) =>
              room.goToRegion(region, unseenOf(region, evidence)[0] ?? null, toAi())
            }
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
              room.say({ kind: 'restore', content: contentOfDraft(stored) });
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
      {room.help && (
        <KeyHelp map={map} own={ownKeys} onOwn={setOwnKeys} onClose={() => room.setHelp(false)} />
      )}
    </div>
  );
}
