/** What the ledger keeps of people is erased when two people say so; its proofs go on. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  approveErasureMutation,
  declineErasureMutation,
  type Erasure,
  type ErasureState,
  erasuresQuery,
} from '../../api/erasure_documents';
import { Act } from '../../components/act';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { ErasureForm } from './erasure_form';

const LOOKS: Record<ErasureState, [IconName, 'good' | 'wait' | 'past' | 'plain']> = {
  PROPOSED: ['clock', 'wait'],
  DECLINED: ['cross', 'past'],
  APPROVED: ['clock', 'plain'],
  COMPLETED: ['check', 'good'],
};
const LOOK_EVERY_MS = 2_000;

export function ErasuresPanel() {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['erasures'],
    queryFn: () => ask(erasuresQuery, {}),
    // While one is carried out its count grows.
    refetchInterval: ({ state }) =>
      state.data?.erasures.some((one) => one.state === 'APPROVED') ? LOOK_EVERY_MS : false,
  });
  const erasures = query.data?.erasures ?? [];
  const waiting = erasures.filter(({ state }) => state === 'PROPOSED').length;
  return (
    <details className="panel erasures">
      <summary>
        <h2>{t('erasure.title')}</h2>{' '}
        {waiting > 0 && (
          <Badge icon="clock" tone="wait">
            {t('erasure.waiting', { count: waiting })}
          </Badge>
        )}
      </summary>
      <p className="muted">{t('erasure.meaning')}</p>
      <ErasureForm />
      {query.isPending && <Loading rows={2} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && erasures.length === 0 && (
        <Empty title={t('erasure.empty.title')}>{t('erasure.empty.text')}</Empty>
      )}
      <ol className="erasure-list">
        {erasures.map((erasure) => (
          <ErasureRow key={erasure.id} erasure={erasure} />
        ))}
      </ol>
    </details>
  );
}

function useScopeWord() {
  const { t } = useTranslation();
  return ({ username, entries, before }: Erasure) => {
    if (username !== null) return t('erasure.of.person', { username });
    if (entries.length > 0) {
      return t('erasure.of.entries', { count: entries.length, numbers: entries.join(', ') });
    }
    return t('erasure.of.older', { before });
  };
}

function ErasureRow({ erasure }: { erasure: Erasure }) {
  const { t } = useTranslation();
  const { state, reason, proposedBy, proposedAt, decidedBy, decidedAt, erased } = erasure;
  const [icon, tone] = LOOKS[state];
  const what = useScopeWord()(erasure);
  return (
    <li>
      <div className="row-actions">
        <Badge icon={icon} tone={tone}>
          {t(`erasure.state.${state}`)}
        </Badge>
        <strong>{what}</strong>
      </div>
      <p>{reason}</p>
      <p className="muted small">
        {t('erasure.wantedBy', { name: proposedBy ?? t('erasure.theRule') })}{' '}
        <Time at={proposedAt} />
        {decidedAt && decidedBy && (
          <>
            {' · '}
            {t('erasure.decidedBy', { name: decidedBy })} <Time at={decidedAt} />
          </>
        )}
        {(state === 'APPROVED' || state === 'COMPLETED') && (
          <> · {t('erasure.erased', { count: erased })}</>
        )}
      </p>
      {state === 'PROPOSED' && (
        <div className="row-actions">
          <Answers erasure={erasure} what={what} />
        </div>
      )}
    </li>
  );
}

function Answers({ erasure, what }: { erasure: Erasure; what: string }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const queries = useQueryClient();
  const input = { erasureId: erasure.id };
  const onDone = () => {
    void queries.invalidateQueries({ queryKey: ['erasures'] });
    void queries.invalidateQueries({ queryKey: ['ledger'] });
  };
  const own = erasure.proposedBy === viewer.username;
  return (
    <>
      {own && <span className="muted small">{t('erasure.otherPerson')}</span>}
      {!own && hasRole(viewer, 'QUALITY') && (
        <Act
          danger
          word={t('erasure.approve')}
          label={t('erasure.approveOf', { what })}
          meaning={t('erasure.approveMeaning', { what })}
          done={t('erasure.approved')}
          run={async () => (await ask(approveErasureMutation, { input })).approveErasure.refusal}
          onDone={onDone}
        />
      )}
      <Act
        word={t(own ? 'erasure.takeBack' : 'erasure.decline')}
        label={t(own ? 'erasure.takeBackOf' : 'erasure.declineOf', { what })}
        meaning={t('erasure.declineMeaning')}
        done={t('erasure.declined')}
        run={async () => (await ask(declineErasureMutation, { input })).declineErasure.refusal}
        onDone={onDone}
      />
    </>
  );
}
