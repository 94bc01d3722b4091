/** Wants a name, or what is personal in some entries, erased. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { proposeErasureMutation } from '../../api/erasure_documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';
import { useToast } from '../../components/toast';
import { entryNumbers } from './entry_numbers';

const KINDS = ['person', 'entries'] as const;
type Kind = (typeof KINDS)[number];

export function ErasureForm() {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const [kind, setKind] = useState<Kind>('person');
  const [what, setWhat] = useState('');
  const [reason, setReason] = useState('');
  const numbers = kind === 'entries' ? entryNumbers(what) : null;
  const propose = useMutation({
    mutationFn: () =>
      ask(proposeErasureMutation, {
        input: {
          username: kind === 'person' ? what.trim() : null,
          entries: kind === 'entries' ? numbers : null,
          reason: reason.trim(),
        },
      }),
    onSuccess: ({ proposeErasure: { refusal } }) => {
      if (refusal) return;
      setWhat('');
      setReason('');
      say(t('erasure.proposed'));
      void queries.invalidateQueries({ queryKey: ['erasures'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    propose.mutate();
  };
  const refusal = propose.data?.proposeErasure.refusal;
  const ready = kind === 'person' ? what.trim() !== '' : numbers !== null;
  return (
    <form className="erasure-form" aria-label={t('erasure.propose')} onSubmit={submit}>
      <label>
        {t('erasure.erase')}
        <select
          value={kind}
          onChange={(event) => {
            setKind(event.target.value === 'person' ? 'person' : 'entries');
            setWhat('');
          }}
        >
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {t(`erasure.kind.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t(`erasure.what.${kind}`)}
        <input
          required
          autoComplete="off"
          placeholder={kind === 'entries' ? '120, 131-135' : undefined}
          value={what}
          onChange={(event) => setWhat(event.target.value)}
        />
      </label>
      <ReasonInput
        label={t('steer.reason')}
        value={reason}
        onChange={setReason}
        className="wide"
        placeholder={t('erasure.reasonHint')}
      />
      <button type="submit" className="danger" disabled={propose.isPending || !ready}>
        {t('erasure.propose')}
      </button>
      {refusal && <RefusalNote refusal={refusal} />}
      {propose.isError && <Fault error={propose.error} onRetry={() => propose.reset()} />}
    </form>
  );
}
