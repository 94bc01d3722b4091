/** Puts the case off: the slot is free again, and this reader's draft is kept until a coordinator returns it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { deferCaseMutation } from '../../api/documents';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';

export function DeferStrip({ caseId, onClose }: { caseId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const defer = useMutation({
    mutationFn: (reason: string) => ask(deferCaseMutation, { input: { caseId, reason } }),
    onSuccess: ({ deferCase: { refusal } }) => {
      if (refusal) return;
      void queries.invalidateQueries({ queryKey: ['worklist'] });
      void navigate({ to: '/worklist' });
    },
  });
  const refusal = defer.data?.deferCase.refusal;
  return (
    <section className="signing" aria-label={t('defer.title')}>
      <div className="signing-words">
        <h2>{t('defer.title')}</h2>
        <p className="muted">{t('defer.meaning')}</p>
      </div>
      <ReasonForm
        label={t('defer.reason')}
        action={t('defer.act')}
        pending={defer.isPending}
        onAct={(reason) => defer.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {defer.isError && <Fault error={defer.error} onRetry={() => defer.reset()} />}
      </ReasonForm>
    </section>
  );
}
