/** One destination: how it is reached, what waits for it, what became of it, and what may be done. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  changeDestinationMutation,
  type Destination,
  type DestinationState,
  type DestinationVersion,
  testDestinationMutation,
} from '../../api/destination_documents';
import { Act } from '../../components/act';
import { Badge } from '../../components/badge';
import { History } from '../../components/history';
import { Icon, type IconName } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ChangeForm } from './change_form';

const STATE: Record<DestinationState, [IconName, 'good' | 'wait' | 'past']> = {
  IN_USE: ['check', 'good'],
  PAUSED: ['pause', 'wait'],
  CLOSED: ['cross', 'past'],
};

export function DestinationRow(props: { destination: Destination; mayChange: boolean }) {
  const { destination, mayChange } = props;
  const { t } = useTranslation();
  const { name, terms, waiting, notesOpen, versions } = destination;
  const [icon, tone] = STATE[terms.state];
  const address = `${terms.aeTitle}@${terms.host}:${terms.port}`;
  return (
    <tr>
      <td>
        {name === address ? <span className="mono">{name}</span> : name}
        {name !== address && (
          <>
            <br />
            <span className="small muted mono">{address}</span>
          </>
        )}
      </td>
      <td>{t(`destinations.kinds.${terms.kind}`)}</td>
      <td>
        <Badge icon={icon} tone={tone}>
          {t(`destinations.states.${terms.state}`)}
        </Badge>
      </td>
      <td>
        {waiting > 0 ? t('destinations.sends', { count: waiting }) : t('destinations.nothing')}
        {notesOpen > 0 && (
          <>
            <br />
            <span className="small">{t('destinations.notes', { count: notesOpen })}</span>
          </>
        )}
      </td>
      <td>
        <Versions versions={versions} />
      </td>
      {mayChange && (
        <td>
          <Acts destination={destination} />
        </td>
      )}
    </tr>
  );
}

function Versions({ versions }: { versions: readonly DestinationVersion[] }) {
  const { t } = useTranslation();
  return (
    <History
      summary={t('destinations.versions', { count: versions.length })}
      versions={versions.map(({ version, changedAt, changedBy, reason, difference }) => ({
        number: version,
        at: changedAt,
        by: changedBy ?? t('destinations.configuration'),
        changed: difference.join(' · ') || t('destinations.added'),
        reason,
      }))}
    />
  );
}

function Acts({ destination }: { destination: Destination }) {
  const { t } = useTranslation();
  const [editing, setEditing] = useState(false);
  const { state } = destination.terms;
  const of = { name: destination.name };
  if (editing) return <ChangeForm destination={destination} onClose={() => setEditing(false)} />;
  return (
    <div className="row-actions">
      <Test destination={destination} />
      <button
        type="button"
        aria-label={t('destinations.changeOf', of)}
        onClick={() => setEditing(true)}
      >
        {t('destinations.change')}
      </button>
      {state === 'IN_USE' && <Move destination={destination} to="PAUSED" />}
      {state !== 'IN_USE' && <Move destination={destination} to="IN_USE" />}
      {state !== 'CLOSED' && <Move destination={destination} to="CLOSED" />}
    </div>
  );
}

/** Pauses, closes or reopens. */
function Move({ destination, to }: { destination: Destination; to: DestinationState }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { id, name, terms, versions, waiting } = destination;
  const follows = versions[0]?.version ?? 0;
  const of = { name, count: waiting };
  return (
    <Act
      danger={to === 'CLOSED'}
      word={t(`destinations.move.${to}.word`)}
      label={t(`destinations.move.${to}.label`, { name })}
      meaning={t(`destinations.move.${to}.meaning`, of)}
      done={t(`destinations.move.${to}.done`, { name })}
      reason={t('destinations.why')}
      run={async (reason) => {
        const input = { destinationId: id, follows, terms: { ...terms, state: to }, reason };
        return (await ask(changeDestinationMutation, { input })).changeDestination.refusal;
      }}
      onDone={() => void queries.invalidateQueries({ queryKey: ['destinations'] })}
    />
  );
}

/** Calls it, and says what it answered. */
function Test({ destination: { id, name } }: { destination: Destination }) {
  const { t } = useTranslation();
  const call = useMutation({
    mutationFn: () => ask(testDestinationMutation, { input: { destinationId: id } }),
  });
  const { test, refusal } = call.data?.testDestination ?? {};
  return (
    <>
      <button
        type="button"
        aria-label={call.isPending ? undefined : t('destinations.testOf', { name })}
        disabled={call.isPending}
        onClick={() => call.mutate()}
      >
        {t(call.isPending ? 'destinations.calling' : 'destinations.test')}
      </button>
      <output className="small">
        {test && (
          <span className={test.answered ? 'good' : 'bad'}>
            <Icon name={test.answered ? 'check' : 'warning'} />{' '}
            {t(test.answered ? 'destinations.answered' : 'destinations.silent', {
              milliseconds: test.milliseconds,
              words: test.words,
            })}
          </span>
        )}
      </output>
      {refusal && <RefusalNote refusal={refusal} />}
      {call.isError && <Fault error={call.error} onRetry={() => call.mutate()} />}
    </>
  );
}
