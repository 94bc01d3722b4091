/** Nothing is saved whose effect nobody has seen: the rule is run dry on the series that came last, then saved with a reason. */
import type { UseMutationResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { DryRun } from '../../api/rollout_types';
import type { Refusal } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { DryRunTable } from './dry_run_table';

/** How many of the last series a dry run looks at. */
export const DRY_RUN_SERIES = 100;

interface DryRunStepProps {
  dry: UseMutationResult<DryRun, Error, void>;
  onClose: () => void;
  /** Why it can't be run yet. */
  missing?: string | undefined;
  /** Whether there is no rule in force yet. */
  isNew?: boolean;
  /** What may be saved once the run was seen. */
  children: (run: DryRun) => ReactNode;
}

export function DryRunStep(props: DryRunStepProps) {
  const { dry, onClose, missing, isNew = false, children } = props;
  const { t } = useTranslation();
  return (
    <>
      <div className="row-actions">
        <button
          type="button"
          className="primary"
          disabled={dry.isPending || missing !== undefined}
          onClick={() => dry.mutate()}
        >
          {t('useRule.dryRun', { count: DRY_RUN_SERIES })}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <span className="small muted">{missing ?? t('useRule.dryRunFirst')}</span>
      </div>
      {dry.isError && <Fault error={dry.error} onRetry={() => dry.reset()} />}
      {dry.data && (
        <>
          <DryRunTable run={dry.data} isNew={isNew} />
          {children(dry.data)}
        </>
      )}
    </>
  );
}

interface SavingProps {
  run: DryRun;
  label: string;
  action: string;
  save: UseMutationResult<unknown, Error, string>;
  refusal: Refusal | null | undefined;
  onClose: () => void;
}

/** What the rule changes, and why. */
export function Saving({ run, label, action, save, refusal, onClose }: SavingProps) {
  return (
    <>
      <ul className="plain">
        {run.difference.map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ul>
      <ReasonForm
        label={label}
        action={action}
        pending={save.isPending}
        onAct={(reason) => save.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {save.isError && <Fault error={save.error} onRetry={() => save.reset()} />}
      </ReasonForm>
    </>
  );
}
