/** Takes the own read back while it is not final; what was signed becomes the draft again. */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { withdrawReadMutation } from '../../api/documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { minutesAndSeconds, useSecondsUntil } from '../../components/time';

export function Withdrawal({ caseId, until }: { caseId: string; until: string }) {
  const { t } = useTranslation();
  const seconds = useSecondsUntil(until);
  const [asking, setAsking] = useState(false);
  const withdraw = useMutation({
    mutationFn: (reason: string) => ask(withdrawReadMutation, { input: { caseId, reason } }),
    // The case is opened anew, with its draft and a hold of its own.
    onSuccess: ({ withdrawRead: { refusal } }) => {
      if (!refusal) window.location.reload();
    },
  });
  const refusal = withdraw.data?.withdrawRead.refusal;
  if (seconds === 0) return null;
  const left = minutesAndSeconds(seconds);
  if (!asking) {
    return (
      <button type="button" onClick={() => setAsking(true)}>
        {t('signing.withdraw', { left })}
      </button>
    );
  }
  return (
    <ReasonForm
      label={t('signing.withdrawReason')}
      action={t('signing.withdraw', { left })}
      pending={withdraw.isPending}
      onAct={(reason) => withdraw.mutate(reason)}
      onClose={() => setAsking(false)}
    >
      {refusal && <RefusalNote refusal={refusal} />}
      {withdraw.isError && <Fault error={withdraw.error} onRetry={() => withdraw.reset()} />}
    </ReasonForm>
  );
}
