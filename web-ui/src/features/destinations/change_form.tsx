/** Moves a destination, or changes what it may have. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changeDestinationMutation, type Destination } from '../../api/destination_documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { TermsInputs } from './terms_inputs';

interface ChangeFormProps {
  destination: Destination;
  onClose: () => void;
}

export function ChangeForm({ destination, onClose }: ChangeFormProps) {
  const { t } = useTranslation();
  const say = useToast();
  const queries = useQueryClient();
  const [terms, setTerms] = useState(destination.terms);
  // What was on the page when the form opened: a change that came meanwhile is refused.
  const [follows] = useState(destination.versions[0]?.version ?? 0);
  const change = useMutation({
    mutationFn: (reason: string) =>
      ask(changeDestinationMutation, {
        input: { destinationId: destination.id, follows, terms, reason },
      }),
    onSuccess: ({ changeDestination: { refusal } }) => {
      if (refusal) return;
      say(t('destinations.changed', { name: destination.name }));
      void queries.invalidateQueries({ queryKey: ['destinations'] });
      onClose();
    },
  });
  const refusal = change.data?.changeDestination.refusal;
  return (
    <div className="side-form">
      <TermsInputs terms={terms} onChange={setTerms} />
      <p className="small muted">
        {t('destinations.changeMeaning', { count: destination.waiting })}
      </p>
      <ReasonForm
        label={t('destinations.why')}
        action={t('destinations.change')}
        pending={change.isPending}
        onAct={(reason) => change.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {change.isError && <Fault error={change.error} onRetry={() => change.reset()} />}
      </ReasonForm>
    </div>
  );
}
