/** Adds to the own final read: what was signed stays as it is. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { writeAddendumMutation } from '../../api/after_signing';
import { ask } from '../../api/client';
import type { SignedCase } from '../../api/documents';
import type { Stance } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';

const STANCES: readonly Stance[] = ['KEEPS', 'CHANGES'];

interface AddendumFormProps {
  caseId: string;
  onWritten: (after: SignedCase) => void;
}

export function AddendumForm({ caseId, onWritten }: AddendumFormProps) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const [stance, setStance] = useState<Stance>('KEEPS');
  const write = useMutation({
    mutationFn: (words: string) => ask(writeAddendumMutation, { input: { caseId, stance, words } }),
    onSuccess: ({ writeAddendum: { case: after } }) => {
      if (!after) return;
      setIsOpen(false);
      onWritten(after);
    },
  });
  const refusal = write.data?.writeAddendum.refusal;
  if (!isOpen) {
    return (
      <button type="button" onClick={() => setIsOpen(true)}>
        {t('addendum.open')}
      </button>
    );
  }
  return (
    <>
      <fieldset className="stance">
        <legend className="small muted">{t('addendum.meaning')}</legend>
        {STANCES.map((one) => (
          <label key={one} className="in-a-row">
            <input
              type="radio"
              name="addendum-stance"
              checked={stance === one}
              onChange={() => setStance(one)}
            />
            {t(`addendum.${one}`)}
          </label>
        ))}
        {stance === 'CHANGES' && <p className="small wait">{t('addendum.changesMeaning')}</p>}
      </fieldset>
      <ReasonForm
        label={t('addendum.words')}
        action={t('addendum.act')}
        pending={write.isPending}
        onAct={(words) => write.mutate(words)}
        onClose={() => setIsOpen(false)}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {write.isError && <Fault error={write.error} onRetry={() => write.reset()} />}
      </ReasonForm>
    </>
  );
}
