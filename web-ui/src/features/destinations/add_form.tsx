/** Names a place to which releases are sent from now on. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { addDestinationMutation, type DestinationTerms } from '../../api/destination_documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';
import { useToast } from '../../components/toast';
import { TermsInputs } from './terms_inputs';

const FIRST: DestinationTerms = {
  aeTitle: '',
  host: '',
  port: 104,
  kind: 'CLINICAL',
  state: 'IN_USE',
};

export function AddForm() {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [terms, setTerms] = useState(FIRST);
  const [reason, setReason] = useState('');
  const add = useMutation({
    mutationFn: () => ask(addDestinationMutation, { input: { name: name.trim(), terms, reason } }),
    onSuccess: ({ addDestination: { refusal } }) => {
      if (refusal) return;
      say(t('destinations.addDone', { name: name.trim() }));
      setName('');
      setTerms(FIRST);
      setReason('');
      void queries.invalidateQueries({ queryKey: ['destinations'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  const refusal = add.data?.addDestination.refusal;
  return (
    <form className="panel side-form" aria-labelledby="destination-title" onSubmit={submit}>
      <h2 id="destination-title">{t('destinations.add')}</h2>
      <label>
        {t('destinations.name')}
        <input
          required
          maxLength={64}
          autoComplete="off"
          placeholder={t('destinations.nameExample')}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <TermsInputs terms={terms} onChange={setTerms} />
      <ReasonInput label={t('destinations.why')} value={reason} onChange={setReason} />
      <div className="row-actions">
        <button type="submit" className="primary" disabled={add.isPending}>
          {t('destinations.addAct')}
        </button>
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {add.isError && <Fault error={add.error} onRetry={() => add.reset()} />}
    </form>
  );
}
