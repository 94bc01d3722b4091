/** The teaching set of a discussion that is closed: made, looked at, released, taken along, withdrawn. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { teachingArchiveAddress } from '../../api/teaching_addresses';
import {
  prepareTeachingSetMutation,
  releaseTeachingSetMutation,
  type TeachingSet,
  teachingSetsQuery,
  withdrawTeachingSetMutation,
} from '../../api/teaching_documents';
import { Fault, Loading, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { useToast } from '../../components/toast';
import { TeachingLook } from './teaching_look';

/** How often a set that is being made is looked at. */
const WATCH_MS = 1000;

const isBeingMade = (sets: readonly TeachingSet[] | undefined): boolean =>
  sets?.some(({ state }) => state === 'PREPARING') ?? false;

export function TeachingPanel({ discussionId }: { discussionId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const queryKey = ['teaching-sets', discussionId];
  const sets = useQuery({
    queryKey,
    queryFn: () => ask(teachingSetsQuery, { discussionId }),
    refetchInterval: ({ state }) => (isBeingMade(state.data?.teachingSets) ? WATCH_MS : false),
  });
  const look = () => void queries.invalidateQueries({ queryKey });
  const all = sets.data?.teachingSets ?? [];
  const [newest] = all;
  const current = all.find(({ state }) => state !== 'WITHDRAWN' && state !== 'REFUSED');
  return (
    <section aria-label={t('teaching.title')}>
      <h3>{t('teaching.title')}</h3>
      <p className="muted">{t('teaching.meaning')}</p>
      {sets.isPending && <Loading rows={1} />}
      {sets.isError && <Fault error={sets.error} onRetry={() => void sets.refetch()} />}
      {newest?.refusal && <RefusalNote refusal={newest.refusal} />}
      {sets.isSuccess && !current && <Prepare discussionId={discussionId} onDone={look} />}
      {current?.state === 'PREPARING' && <Making set={current} />}
      {current && current.state !== 'PREPARING' && (
        <Current key={current.id} set={current} onDone={look} />
      )}
      {all
        .filter(({ state }) => state === 'WITHDRAWN')
        .map((set) => (
          <Withdrawn key={set.id} set={set} />
        ))}
    </section>
  );
}

function Prepare({ discussionId, onDone }: { discussionId: string; onDone: () => void }) {
  const { t } = useTranslation();
  const prepare = useMutation({
    mutationFn: async () => {
      const answer = await ask(prepareTeachingSetMutation, { input: { discussionId } });
      return answer.prepareTeachingSet.refusal;
    },
    onSuccess: (refusal) => {
      if (!refusal) onDone();
    },
  });
  return (
    <>
      <div className="row-actions">
        <button type="button" disabled={prepare.isPending} onClick={() => prepare.mutate()}>
          {t('teaching.prepare')}
        </button>
      </div>
      {prepare.data && <RefusalNote refusal={prepare.data} />}
      {prepare.isError && <Fault error={prepare.error} onRetry={() => prepare.mutate()} />}
    </>
  );
}

function Making({ set }: { set: TeachingSet }) {
  const { t } = useTranslation();
  const count = set.slices * 2;
  return (
    <p role="status">
      {t('teaching.preparing', { done: set.imagesDone, count })}{' '}
      <progress max={count} value={set.imagesDone} aria-label={t('teaching.title')} />
    </p>
  );
}

function Current({ set, onDone }: { set: TeachingSet; onDone: () => void }) {
  const { t } = useTranslation();
  const [isLooking, setLooking] = useState(false);
  const isReleased = set.state === 'RELEASED';
  return (
    <>
      <dl className="facts">
        <dt>{t('teaching.code')}</dt>
        <dd>
          <code>{set.code}</code> · {t('teaching.images', { count: set.slices })} ·{' '}
          {t(`teaching.state.${set.state}`)}
        </dd>
      </dl>
      <p className="muted small">
        {t('teaching.madeBy', { name: set.preparedBy })} · <Time at={set.preparedAt} />
      </p>
      {set.releasedAt && (
        <p className="muted small">
          {t('teaching.releasedBy', { name: set.releasedBy })} · <Time at={set.releasedAt} />
        </p>
      )}
      <div className="row-actions">
        {!isLooking && (
          <button type="button" onClick={() => setLooking(true)}>
            {t('teaching.look')}
          </button>
        )}
        {isReleased && (
          <a className="button-link" href={teachingArchiveAddress(set.id)} download>
            {t('teaching.download')}
          </a>
        )}
      </div>
      {isLooking && (
        <TeachingLook set={set}>
          {(seen) =>
            !isReleased &&
            set.content && <Release set={set} content={set.content} seen={seen} onDone={onDone} />
          }
        </TeachingLook>
      )}
      <Withdraw set={set} onDone={onDone} />
    </>
  );
}

interface ReleaseProps {
  set: TeachingSet;
  /** What was looked at. */
  content: string;
  /** Slices that were looked at, in both series. */
  seen: number;
  onDone: () => void;
}

function Release({ set, content, seen, onDone }: ReleaseProps) {
  const { t } = useTranslation();
  const say = useToast();
  const release = useMutation({
    mutationFn: async () => {
      const input = { teachingSetId: set.id, content, seen: seen * 2 };
      return (await ask(releaseTeachingSetMutation, { input })).releaseTeachingSet.refusal;
    },
    onSuccess: (refusal) => {
      if (refusal) return;
      say(t('teaching.released'));
      onDone();
    },
  });
  return (
    <>
      <div className="row-actions">
        <button
          type="button"
          className="primary"
          disabled={seen < set.slices || release.isPending}
          onClick={() => release.mutate()}
        >
          {t('teaching.release')}
        </button>
      </div>
      {release.data && <RefusalNote refusal={release.data} />}
      {release.isError && <Fault error={release.error} onRetry={() => release.mutate()} />}
    </>
  );
}

function Withdraw({ set, onDone }: { set: TeachingSet; onDone: () => void }) {
  const { t } = useTranslation();
  const say = useToast();
  const [isOpen, setOpen] = useState(false);
  const withdraw = useMutation({
    mutationFn: async (reason: string) => {
      const input = { teachingSetId: set.id, reason };
      return (await ask(withdrawTeachingSetMutation, { input })).withdrawTeachingSet.refusal;
    },
    onSuccess: (refusal) => {
      if (refusal) return;
      say(t('teaching.withdrawn'));
      onDone();
    },
  });
  if (!isOpen) {
    return (
      <button type="button" className="quiet" onClick={() => setOpen(true)}>
        {t('teaching.withdraw')}
      </button>
    );
  }
  return (
    <ReasonForm
      label={t('teaching.withdrawReason')}
      action={t('teaching.withdrawAct')}
      pending={withdraw.isPending}
      onAct={(reason) => withdraw.mutate(reason)}
      onClose={() => setOpen(false)}
    >
      {withdraw.data && <RefusalNote refusal={withdraw.data} />}
      {withdraw.isError && <Fault error={withdraw.error} onRetry={() => withdraw.reset()} />}
    </ReasonForm>
  );
}

function Withdrawn({ set }: { set: TeachingSet }) {
  const { t } = useTranslation();
  return (
    <p className="muted small">
      <code>{set.code}</code> ·{' '}
      {t('teaching.withdrawnBy', { name: set.withdrawnBy, reason: set.withdrawalReason })}
      {set.withdrawnAt && (
        <>
          {' '}
          · <Time at={set.withdrawnAt} />
        </>
      )}
    </p>
  );
}
