/** What comes up at the bottom edge of the room: what must be known, chosen or signed; covers no image. */
import { useState } from 'react';
import type { SignedCase } from '../../api/documents';
import { hasRole, useViewer } from '../session/session';
import { Confirmation } from './confirmation';
import { DeferStrip } from './defer_strip';
import { DraftConflict } from './draft_conflict';
import { contentOfOffer, isUntouched } from './offered_content';
import { contentOfDraft } from './read_content';
import { DraftOffer, LostHold } from './room_notices';
import { SignedStrip } from './signed_strip';
import { SigningStrip } from './signing_strip';
import type { Reading } from './use_reading';

/** Drafts that the reader may take: one of a result before this one, one that another window saved. */
function DraftNotices({ readingCase, room, hold }: Reading) {
  const { draft, held } = hold;
  const [offered, setOffered] = useState(readingCase.offeredDraft);
  const { conflict } = draft.versions;
  return (
    <>
      {held && offered && !readingCase.confirmable && isUntouched(room.content) && (
        <DraftOffer
          offered={offered}
          onUse={() => {
            room.say({ kind: 'restore', content: contentOfOffer(offered) });
            setOffered(null);
          }}
          onLeave={() => setOffered(null)}
        />
      )}
      {conflict && (
        <DraftConflict
          stored={conflict}
          onKeep={draft.keepMine}
          onTake={(stored) => {
            room.say({ kind: 'restore', content: contentOfDraft(stored) });
            draft.takeStored(stored);
          }}
        />
      )}
    </>
  );
}

interface SignatureProps {
  reading: Reading;
  onSigned: (after: SignedCase) => void;
}

/** The signature, once it was asked for and nothing is missing. */
function Signature({ reading, onSigned }: SignatureProps) {
  const { readingCase, page, images, room, seen, judgedRegions, canSign } = reading;
  const viewer = useViewer();
  const { verdict } = room.content;
  if (!room.signing || !canSign || !verdict || !images.digest) return null;
  return (
    <SigningStrip
      readingCase={readingCase}
      viewer={viewer}
      content={{ ...room.content, verdict }}
      digest={images.digest}
      objectCount={images.total}
      openRegions={readingCase.regions.length - judgedRegions}
      seenPercent={seen.percent}
      evidence={seen.evidence}
      page={page}
      adjudicating={hasRole(viewer, 'ADJUDICATOR')}
      onSigned={onSigned}
      onClose={() => room.setSigning(false)}
    />
  );
}

/** What the reader signed of these images under the study's former identity, until it is confirmed or read anew. */
function Former({ reading, onSigned }: SignatureProps) {
  const { readingCase, images, hold, room, readOnly, digestState } = reading;
  const viewer = useViewer();
  const [isLeft, setIsLeft] = useState(false);
  const { confirmable } = readingCase;
  const isOffered = confirmable && hold.held && !readOnly && !isLeft;
  if (!isOffered || !isUntouched(room.content)) return null;
  return (
    <Confirmation
      readingCase={readingCase}
      confirmable={confirmable}
      viewer={viewer}
      digest={digestState === 'matches' ? images.digest : null}
      onSigned={onSigned}
      onLeave={() => setIsLeft(true)}
    />
  );
}

export function RoomEdge({ reading, onSigned }: SignatureProps) {
  const { readingCase, hold, signed, readOnly, deferring, setDeferring } = reading;
  return (
    <>
      {!readOnly && <LostHold endedHold={hold.endedHold} refusal={hold.refusal} />}
      <DraftNotices {...reading} />
      <Former reading={reading} onSigned={onSigned} />
      <Signature reading={reading} onSigned={onSigned} />
      {deferring && <DeferStrip caseId={readingCase.id} onClose={() => setDeferring(false)} />}
      {signed?.myRead && (
        <SignedStrip
          caseId={readingCase.id}
          read={signed.myRead}
          isJustSigned={reading.isJustSigned}
          withdrawUntil={signed.withdrawUntil}
          hasEnded={signed.state !== null && signed.state !== 'SUPERSEDED'}
          onWritten={reading.onSigned}
          others={signed.reads.filter((other) => other.id !== signed.myRead?.id)}
        />
      )}
    </>
  );
}
