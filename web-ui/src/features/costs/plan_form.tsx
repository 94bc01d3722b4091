/** Another plan of a deployment: what it costs beside runs and reads, what it is good for, what it may cost. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changePlanMutation } from '../../api/costs_documents';
import type { Budget, Plan, PlanVersion } from '../../api/costs_types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { BenefitFields } from './benefit_fields';
import { AmountInput, EnteredInput } from './entered_input';

const FIRST_BUDGET: Budget = {
  month: 1000,
  throttleFrom: 0.8,
  throttlePerMille: 500,
  firstStudies: 20,
};

interface PlanFormProps {
  deploymentId: string;
  inForce: PlanVersion;
  onClose: () => void;
}

export function PlanForm({ deploymentId, inForce, onClose }: PlanFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const [plan, setPlan] = useState<Plan>(inForce.plan);
  const edit = (changed: Partial<Plan>) => setPlan((now) => ({ ...now, ...changed }));
  const change = useMutation({
    mutationFn: (reason: string) =>
      ask(changePlanMutation, { input: { deploymentId, plan, reason, follows: inForce.version } }),
    onSuccess: ({ changePlan: { version } }) => {
      if (!version) return;
      toast(t('costs.saved', { version: version.version }));
      void queries.invalidateQueries({ queryKey: ['economics'] });
      onClose();
    },
  });
  const refusal = change.data?.changePlan.refusal;
  return (
    <div className="note">
      <CostFields plan={plan} onEdit={edit} />
      <h3>{t('costs.benefits')}</h3>
      <BenefitFields benefits={plan.benefits} onChange={(benefits) => edit({ benefits })} />
      <h3>{t('costs.budget')}</h3>
      <BudgetFields budget={plan.budget} onChange={(budget) => edit({ budget })} />
      <ReasonForm
        label={t('stopRules.reason')}
        action={t('stopRules.save')}
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

function CostFields({ plan, onEdit }: { plan: Plan; onEdit: (changed: Partial<Plan>) => void }) {
  const { t } = useTranslation();
  return (
    <div className="fields">
      {(['licenceMonth', 'licenceStudy', 'peopleMonth'] as const).map((field) => (
        <EnteredInput
          key={field}
          label={t(`costs.${field}`)}
          value={plan[field]}
          onChange={(value) => onEdit({ [field]: value })}
        />
      ))}
      <EnteredInput
        label={t('costs.integrationOnce')}
        value={plan.integration}
        onChange={(integration) => onEdit({ integration })}
      />
      <AmountInput
        label={t('costs.integrationMonths')}
        value={plan.integrationMonths}
        onChange={(months) => onEdit({ integrationMonths: months ?? Number.NaN })}
      />
      <AmountInput
        label={t('costs.usedShare')}
        value={plan.usedShare === null ? null : Math.round(plan.usedShare * 1000) / 10}
        onChange={(perCent) => onEdit({ usedShare: perCent === null ? null : perCent / 100 })}
      />
    </div>
  );
}

interface BudgetFieldsProps {
  budget: Budget | null;
  onChange: (budget: Budget | null) => void;
}

function BudgetFields({ budget, onChange }: BudgetFieldsProps) {
  const { t } = useTranslation();
  if (!budget) {
    return (
      <button type="button" onClick={() => onChange(FIRST_BUDGET)}>
        {t('costs.addBudget')}
      </button>
    );
  }
  const edit = (changed: Partial<Budget>) => onChange({ ...budget, ...changed });
  const number = (value: number | null) => value ?? Number.NaN;
  return (
    <div className="fields">
      <AmountInput
        label={t('costs.budgetMonth')}
        value={budget.month}
        onChange={(value) => edit({ month: number(value) })}
      />
      <AmountInput
        label={t('costs.throttleFrom')}
        value={Math.round(budget.throttleFrom * 1000) / 10}
        onChange={(value) => edit({ throttleFrom: number(value) / 100 })}
      />
      <AmountInput
        label={t('costs.throttlePerMille')}
        value={budget.throttlePerMille}
        onChange={(value) => edit({ throttlePerMille: Math.round(number(value)) })}
      />
      <AmountInput
        label={t('costs.firstStudies')}
        value={budget.firstStudies}
        onChange={(value) => edit({ firstStudies: number(value) })}
      />
      <button type="button" className="quiet" onClick={() => onChange(null)}>
        {t('costs.removeBudget')}
      </button>
    </div>
  );
}
