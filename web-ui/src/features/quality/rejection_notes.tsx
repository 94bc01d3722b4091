/** Where a recalled release still is: each destination until it shows none of the objects any more. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  closeRejectionNoteMutation,
  type RejectionNote,
  type RejectionNoteState,
} from '../../api/recall';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';

const FACE: Record<RejectionNoteState, [IconName, 'wait' | 'bad' | 'good']> = {
  QUEUED: ['clock', 'bad'],
  FOLLOWING: ['eye', 'wait'],
  CLOSED: ['check', 'good'],
};

export function RejectionNotes({ caseId, notes }: { caseId: string; notes: RejectionNote[] }) {
  const { t } = useTranslation();
  const done = notes.filter(({ state }) => state === 'CLOSED').length;
  return (
    <section className="panel">
      <h2>{t('recall.title')}</h2>
      <p role="status" className={done === notes.length ? 'muted' : 'bad'}>
        {t('recall.progress', { done, count: notes.length })}
      </p>
      {notes.map((note) => (
        <NoteView key={note.id} caseId={caseId} note={note} />
      ))}
    </section>
  );
}

function NoteView({ caseId, note }: { caseId: string; note: RejectionNote }) {
  const { t } = useTranslation();
  const [icon, tone] = FACE[note.state];
  return (
    <div className="read">
      <Badge icon={icon} tone={tone}>
        {t(note.closure ? `rejectionClosure.${note.closure}` : `rejectionNote.${note.state}`)}
      </Badge>
      <span>
        <span className="mono">{note.destination}</span>
        {note.objectsShown !== null &&
          ` · ${t('recall.shown', { shown: note.objectsShown, count: note.objects })}`}
      </span>
      <p className="muted small">
        {note.titleCode} {t(note.titleCode === '113037' ? 'recall.safety' : 'recall.quality')}
        {note.sentAt && (
          <>
            {' · '}
            {t('recall.noted')} <Time at={note.sentAt} />
          </>
        )}
        {note.lookedAt && (
          <>
            {' · '}
            {t('recall.looked')} <Time at={note.lookedAt} />
          </>
        )}
      </p>
      {note.closedBy && (
        <p className="small">
          {note.closedBy}: {note.closingWords}
        </p>
      )}
      {note.lastError && <p className="small bad">{note.lastError}</p>}
      {note.state === 'FOLLOWING' && !note.provable && (
        <p className="small wait">{t('recall.unprovable')}</p>
      )}
      {note.state !== 'CLOSED' && <CloseByHand caseId={caseId} note={note} />}
    </div>
  );
}

function CloseByHand({ caseId, note }: { caseId: string; note: RejectionNote }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const act = useMutation({
    mutationFn: (reason: string) =>
      ask(closeRejectionNoteMutation, { input: { noteId: note.id, reason } }),
    onSuccess: ({ closeRejectionNote: { refusal } }) => {
      if (refusal) return;
      setOpen(false);
      void queries.invalidateQueries({ queryKey: ['case-history', caseId] });
    },
  });
  if (!hasRole(viewer, 'QUALITY')) return null;
  if (!open) {
    return (
      <button type="button" onClick={() => setOpen(true)}>
        {t('recall.close')}
      </button>
    );
  }
  const refusal = act.data?.closeRejectionNote.refusal;
  return (
    <ReasonForm
      label={t('recall.how')}
      action={t('recall.close')}
      pending={act.isPending}
      onAct={(reason) => act.mutate(reason)}
      onClose={() => setOpen(false)}
    >
      {refusal && <RefusalNote refusal={refusal} />}
      {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
    </ReasonForm>
  );
}
