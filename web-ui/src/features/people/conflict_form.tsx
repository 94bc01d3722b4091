/** Says that somebody is too close to read. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { declareConflictMutation } from '../../api/oversight_documents';
import type { Deployment } from '../../api/types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';

const KINDS = ['study', 'deployment'] as const;
type Kind = (typeof KINDS)[number];

interface ConflictFormProps {
  deployments: readonly Deployment[];
  known: readonly string[];
}

export function ConflictForm({ deployments, known }: ConflictFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [username, setUsername] = useState('');
  const [kind, setKind] = useState<Kind>('study');
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const declare = useMutation({
    mutationFn: () =>
      ask(declareConflictMutation, {
        input: {
          username: username.trim(),
          studyId: kind === 'study' ? subject.trim() : null,
          deploymentId: kind === 'deployment' ? subject.trim() : null,
          reason: reason.trim(),
        },
      }),
    onSuccess: ({ declareConflict: { conflict } }) => {
      if (conflict) void queries.invalidateQueries({ queryKey: ['conflicts'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    declare.mutate();
  };
  const change = (act: () => void) => {
    declare.reset();
    act();
  };
  const declared = declare.data?.declareConflict.conflict;
  const refusal = declare.data?.declareConflict.refusal;
  const name = username.trim();
  return (
    <form className="panel side-form" aria-labelledby="conflict-title" onSubmit={submit}>
      <h2 id="conflict-title">{t('people.conflict.declareTitle')}</h2>
      <label>
        {t('session.username')}
        <input
          required
          list="known-readers"
          autoComplete="off"
          value={username}
          onChange={(event) => change(() => setUsername(event.target.value))}
        />
        <datalist id="known-readers">
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <label>
        {t('people.conflict.with')}
        <select
          value={kind}
          onChange={(event) =>
            change(() => {
              setKind(event.target.value === 'study' ? 'study' : 'deployment');
              setSubject('');
            })
          }
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`people.conflict.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <SubjectField
        kind={kind}
        deployments={deployments}
        subject={subject}
        onChange={(value) => change(() => setSubject(value))}
      />
      <ReasonInput
        label={t('steer.reason')}
        value={reason}
        onChange={(reason) => change(() => setReason(reason))}
      />
      {name && !declared && <p>{t(`people.conflict.will.${kind}`, { name })}</p>}
      <div className="row-actions">
        <button type="submit" className="primary" disabled={declare.isPending || !!declared}>
          {t('people.conflict.declare')}
        </button>
      </div>
      <div role="status">
        {declared && (
          <p className="note note-good">
            <span>
              <Icon name="check" /> {t(`people.conflict.did.${kind}`, { name })}
            </span>
          </p>
        )}
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {declare.isError && <Fault error={declare.error} onRetry={() => declare.reset()} />}
    </form>
  );
}

interface SubjectFieldProps {
  kind: Kind;
  deployments: readonly Deployment[];
  subject: string;
  onChange: (subject: string) => void;
}

function SubjectField({ kind, deployments, subject, onChange }: SubjectFieldProps) {
  const { t } = useTranslation();
  const choose = kind === 'deployment' && deployments.length > 0;
  return (
    <div>
      <label htmlFor="conflict-subject">{t(`people.conflict.subject.${kind}`)}</label>
      {choose ? (
        <select
          id="conflict-subject"
          required
          value={subject}
          onChange={(event) => onChange(event.target.value)}
        >
          <option value="">{t('people.conflict.choose')}</option>
          {deployments.map(({ id, name, site }) => (
            <option key={id} value={id}>
              {name} ({site})
            </option>
          ))}
        </select>
      ) : (
        <input
          id="conflict-subject"
          required
          className="mono"
          placeholder={kind === 'study' ? 'study_…' : 'depl_…'}
          value={subject}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </div>
  );
}
