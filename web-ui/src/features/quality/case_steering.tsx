/** What holds a case back, what is asked of it, and the acts that help. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { studyFlagsQuery } from '../../api/documents';
import type { SteeredCase } from '../../api/oversight_types';
import type { StudyFlag } from '../../api/types';
import { Badge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { useViewer } from '../session/session';
import { carryOut } from './carry_out';
import { actsOf, type CaseAct, wantsReason } from './case_acts';
import { useHoldWord } from './hold_word';
import { IdentityCompare } from './identity_compare';
import { PriorityForm } from './priority_form';

export function CaseSteering({ found }: { found: SteeredCase }) {
  const { t } = useTranslation();
  const flags = useQuery({
    queryKey: ['study-flags'],
    queryFn: () => ask(studyFlagsQuery, {}),
  });
  const flag = flags.data?.studyFlags.find(({ studyId }) => studyId === found.study.id) ?? null;
  return (
    <section className="panel">
      <h2>{t('steer.title')}</h2>
      <Standing found={found} flag={flag} />
      <PriorityForm found={found} />
      {flags.isError && <Fault error={flags.error} onRetry={() => void flags.refetch()} />}
      {flags.isSuccess && <Acts found={found} flagged={flag !== null} />}
    </section>
  );
}

function Standing({ found, flag }: { found: SteeredCase; flag: StudyFlag | null }) {
  const { t } = useTranslation();
  const { holds, deferrals, recall } = found;
  const nothing = holds.length + deferrals.length === 0 && !recall && !flag;
  const wordOf = useHoldWord();
  const ends = found.state === 'QUEUED' || found.state === 'READING' || holds.length > 0;
  return (
    <>
      {found.needsRecallEvaluation && (
        <p role="alert">
          <Badge icon="warning" tone="bad">
            {t('steer.evaluate')}
          </Badge>
        </p>
      )}
      {found.lacksReaders && (
        <p role="alert">
          <Badge icon="warning" tone="bad">
            {t('steer.lacksReaders')}
          </Badge>
        </p>
      )}
      {found.state === 'EXPIRED' && <p>{t('steer.expired')}</p>}
      {nothing && <p className="muted">{t('steer.noHolds')}</p>}
      <ul className="standing">
        {flag && <StandingLine word={t('steer.flagged')} reason={flag.reason} at={flag.placedAt} />}
        {holds.map((hold) => (
          <StandingLine
            key={`${hold.reasonCode} ${hold.placedAt}`}
            word={wordOf(hold.reasonCode)}
            reason={hold.reason}
            at={hold.placedAt}
          />
        ))}
        {deferrals.map((deferral) => (
          <StandingLine
            key={deferral.placedAt}
            word={t('steer.deferral')}
            reason={deferral.reason}
            at={deferral.placedAt}
          />
        ))}
        {holds.some(({ reasonCode }) => reasonCode === 'identity') && (
          <li>
            <IdentityCompare studyId={found.study.id} />
          </li>
        )}
        {recall && (
          <StandingLine
            word={t(recall.confirmedAt ? 'steer.recalled' : 'steer.recallProposed')}
            reason={recall.reason}
            at={recall.confirmedAt ?? recall.proposedAt}
          />
        )}
      </ul>
      {ends && (
        <p className="muted small">
          {t('steer.expires')} <Time at={found.expiresAt} />
        </p>
      )}
    </>
  );
}

function StandingLine({ word, reason, at }: { word: string; reason: string; at: string }) {
  return (
    <li>
      <Badge icon="pause" tone="wait">
        {word}
      </Badge>{' '}
      <span className="muted small">
        <Time at={at} />
      </span>
      {reason && <p>{reason}</p>}
    </li>
  );
}

/** Acts that can't be undone, or take from somebody what they do. */
const DANGEROUS: readonly CaseAct[] = ['proposeRecall', 'confirmRecall', 'revoke', 'takeIdentity'];

function Acts({ found, flagged }: { found: SteeredCase; flagged: boolean }) {
  const { t } = useTranslation();
  const { roles } = useViewer();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<CaseAct | null>(null);
  const [did, setDid] = useState<CaseAct | null>(null);
  const act = useMutation({
    mutationFn: (wanted: { act: CaseAct; reason: string }) =>
      carryOut(wanted.act, { caseId: found.id, studyId: found.study.id, reason: wanted.reason }),
    onSuccess: (refusal, wanted) => {
      if (refusal) return;
      setChosen(null);
      setDid(wanted.act);
      void queries.invalidateQueries({ queryKey: ['case-history', found.id] });
      void queries.invalidateQueries({ queryKey: ['study-flags'] });
      void queries.invalidateQueries({ queryKey: ['cases'] });
      void queries.invalidateQueries({ queryKey: ['open-cases'] });
    },
  });
  const acts = actsOf(found, roles, flagged);
  if (acts.length === 0) return null;
  const choose = (wanted: CaseAct | null) => {
    act.reset();
    setDid(null);
    setChosen(wanted);
  };
  const problem = (
    <>
      {act.data && <RefusalNote refusal={act.data} />}
      {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
    </>
  );
  return (
    <>
      <div role="status">
        {did && (
          <p className="note note-good">
            <span>
              <Icon name="check" /> {t(`steer.did.${did}`)}
            </span>
          </p>
        )}
      </div>
      <div className="row-actions">
        {acts.map((name) => (
          <button
            key={name}
            type="button"
            className={DANGEROUS.includes(name) ? 'danger' : undefined}
            aria-expanded={chosen === name}
            onClick={() => choose(chosen === name ? null : name)}
          >
            {t(`steer.act.${name}`)}
          </button>
        ))}
      </div>
      {chosen && <p>{t(`steer.meaning.${chosen}`)}</p>}
      {chosen && wantsReason(chosen) && (
        <ReasonForm
          key={chosen}
          label={t('steer.reason')}
          action={t(`steer.act.${chosen}`)}
          pending={act.isPending}
          onAct={(reason) => act.mutate({ act: chosen, reason })}
          onClose={() => choose(null)}
        >
          {problem}
        </ReasonForm>
      )}
      {chosen && !wantsReason(chosen) && (
        <>
          <div className="row-actions">
            <button
              type="button"
              className="primary"
              disabled={act.isPending}
              onClick={() => act.mutate({ act: chosen, reason: '' })}
            >
              {t(`steer.act.${chosen}`)}
            </button>
            <button type="button" className="quiet" onClick={() => choose(null)}>
              {t('common.cancel')}
            </button>
          </div>
          {problem}
        </>
      )}
    </>
  );
}
