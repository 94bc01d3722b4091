/** The reading room: images, strip, what the reader says, signing. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SignedCase } from '../../api/documents';
import type { ReadingCase, Refusal } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { useToast } from '../../components/toast';
import { uncertainShare } from '../../viewer/difference';
import { type Point3, positionOf } from '../../viewer/geometry';
import type { Mark } from '../../viewer/pane';
import { sliceOf } from '../../viewer/stack';
import { hasRole, useViewer } from '../session/session';
import { DraftConflict } from './draft_conflict';
import { KeyHelp } from './key_help';
import type { Command } from './key_map';
import { Panes } from './panes';
import { RoomColumn } from './room_column';
import { RoomHeader } from './room_header';
import { SignedStrip } from './signed_strip';
import { SigningStrip } from './signing_strip';
import { SliceStrip, type StripSlice } from './slice_strip';
import { type CaseImages, useCaseImages } from './use_case_images';
import { useDraft } from './use_draft';
import { useEvidence } from './use_evidence';
import { useKeys } from './use_keys';
import { useLeaseRenewal } from './use_open_case';
import { type Room, useRoom } from './use_room';

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

export function ReadingRoom({ readingCase }: { readingCase: ReadingCase }) {
  const { t, i18n } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const toast = useToast();
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
        }
      : null,
  );
  const [lost, setLost] = useState<Refusal | null>(null);
  const readOnly = signed !== null;
  const onLost = useCallback((refusal: Refusal) => setLost(refusal), []);
  useLeaseRenewal(readingCase.id, !readOnly && !lost, onLost);
  const draft = useDraft(readingCase.id, readingCase.draft, content, !readOnly && !lost);

  const complete = images.digest !== null;
  const matches = complete && images.digest === readingCase.caseDigest;
  const { seen, awake } = useEvidence(view, room.currentSlice, images.ai !== null);
  const compared = view.stage !== 'original' || seen.size > 0;
  const canJudge = complete && awake && compared && !readOnly;
  const canSign = matches && compared && !readOnly && content.verdict !== null;
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
    } else if (command === 'sign') room.setSigning(canSign);
    else if (!room.look(command) && !readOnly) room.judge(command, compared, canJudge);
  };
  useKeys(room.marking === 'choose', run);

  const onSigned = (after: SignedCase) => {
    setSigned(after);
    room.setSigning(false);
    void queries.invalidateQueries({ queryKey: ['worklist'] });
    if (after.myRead) toast(t('signing.toast', { verdict: t(`verdict.${after.myRead.verdict}`) }));
  };
  const draftLine = readOnly
    ? ''
    : draft.offline
      ? t('reading.draftOffline')
      : draft.isSaved
        ? draft.savedAt
          ? t('reading.draftSaved', {
              time: new Date(draft.savedAt).toLocaleTimeString(i18n.language),
            })
          : ''
        : t('reading.draftSaving');
  const marks = compared ? marksAt(readingCase, room, images, (n) => String(n)) : [];
  const refusal = lost ?? draft.refusal;
  const digestState = complete ? (matches ? 'matches' : 'differs') : 'loading';

  return (
    <main className="room">
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
      {images.error ? (
        <div className="page">
          <Fault error={images.error} onRetry={() => window.location.reload()} />
        </div>
      ) : images.original ? (
        <Panes
          readingCase={readingCase}
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
          awake={awake && complete}
          canSign={canSign}
          readOnly={readOnly}
        />
      )}
      {refusal && (
        <div className="room-notice">
          <RefusalNote refusal={refusal} />
        </div>
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
      {signed?.myRead && (
        <SignedStrip
          caseId={readingCase.id}
          read={signed.myRead}
          others={signed.reads.filter((other) => other.id !== signed.myRead?.id)}
        />
      )}
      {room.help && <KeyHelp onClose={() => room.setHelp(false)} />}
    </main>
  );
}
