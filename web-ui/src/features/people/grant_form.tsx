/** Grants a credential; what it will mean is said before. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { grantCredentialMutation } from '../../api/oversight_documents';
import type { Purpose } from '../../api/types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { TASKS, useTaskWord } from './task_word';
import { endOfDay, inAYear } from './validity';

const PURPOSES: readonly Purpose[] = ['CLINICAL', 'EVALUATION'];
/** Modalities of which the models make something. Source: PS3.3 C.7.3.1.1.1. */
const MODALITIES = ['CT', 'MR', 'PT', 'MG', 'CR', 'DX'] as const;

export function GrantForm({ known }: { known: readonly string[] }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const wordOf = useTaskWord();
  const [username, setUsername] = useState('');
  const [modality, setModality] = useState<string>(MODALITIES[0]);
  const [task, setTask] = useState<string>(TASKS[0]);
  const [purpose, setPurpose] = useState<Purpose>('CLINICAL');
  const [until, setUntil] = useState(() => inAYear(new Date()));
  const grant = useMutation({
    mutationFn: () =>
      ask(grantCredentialMutation, {
        input: { username: username.trim(), modality, task, purpose, validUntil: endOfDay(until) },
      }),
    onSuccess: ({ grantCredential: { credential } }) => {
      if (credential) void queries.invalidateQueries({ queryKey: ['credentials'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    grant.mutate();
  };
  const change = (act: () => void) => {
    grant.reset();
    act();
  };
  const granted = grant.data?.grantCredential.credential;
  const refusal = grant.data?.grantCredential.refusal;
  const use = { name: username.trim(), modality, task: wordOf(task), until };
  return (
    <form className="panel side-form" aria-labelledby="grant-title" onSubmit={submit}>
      <h2 id="grant-title">{t('people.credential.grantTitle')}</h2>
      <label>
        {t('session.username')}
        <input
          required
          list="known-people"
          autoComplete="off"
          value={username}
          onChange={(event) => change(() => setUsername(event.target.value))}
        />
        <datalist id="known-people">
          {known.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
      <label>
        {t('case.modality')}
        <select
          value={modality}
          onChange={(event) => change(() => setModality(event.target.value))}
        >
          {MODALITIES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        {t('people.use')}
        <select value={task} onChange={(event) => change(() => setTask(event.target.value))}>
          {TASKS.map((name) => (
            <option key={name} value={name}>
              {wordOf(name)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('people.purpose')}
        <select
          value={purpose}
          onChange={(event) => change(() => setPurpose(event.target.value as Purpose))}
        >
          {PURPOSES.map((name) => (
            <option key={name} value={name}>
              {t(`people.purposes.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('people.credential.lastDay')}
        <input
          type="date"
          required
          value={until}
          onChange={(event) => change(() => setUntil(event.target.value))}
        />
      </label>
      {use.name && until && !granted && (
        <p>{t(`people.credential.grantMeaning.${purpose}`, use)}</p>
      )}
      <div className="row-actions">
        <button type="submit" className="primary" disabled={grant.isPending || !!granted}>
          {t('people.credential.grant')}
        </button>
      </div>
      <div role="status">
        {granted && (
          <p className="note note-good">
            <span>
              <Icon name="check" /> {t('people.credential.granted', use)}
            </span>
          </p>
        )}
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {grant.isError && <Fault error={grant.error} onRetry={() => grant.reset()} />}
    </form>
  );
}
