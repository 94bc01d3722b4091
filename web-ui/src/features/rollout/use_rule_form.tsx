/** Another rule: run dry on the series that came last, looked at, then saved. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changeUseRuleMutation, dryRunQuery } from '../../api/rollout_documents';
import type { DryRun, UseRule } from '../../api/rollout_types';
import { useToast } from '../../components/toast';
import { DRY_RUN_SERIES, DryRunStep, Saving } from './dry_run_step';
import { RuleInputs } from './rule_inputs';

interface UseRuleFormProps {
  deploymentId: string;
  inForce: UseRule;
  onClose: () => void;
}

export function UseRuleForm({ deploymentId, inForce, onClose }: UseRuleFormProps) {
  const [rule, setRule] = useState<UseRule>(inForce);
  const dry = useMutation({
    mutationFn: async () =>
      (await ask(dryRunQuery, { input: { deploymentId, rule, series: DRY_RUN_SERIES } })).dryRun,
  });
  const edit = (changed: Partial<UseRule>) => {
    setRule({ ...rule, ...changed });
    dry.reset();
  };
  return (
    <div className="note">
      <RuleInputs rule={rule} onEdit={edit} />
      <DryRunStep dry={dry} onClose={onClose}>
        {(run) => (
          <RuleSaving deploymentId={deploymentId} rule={rule} run={run} onClose={onClose} />
        )}
      </DryRunStep>
    </div>
  );
}

interface RuleSavingProps {
  deploymentId: string;
  rule: UseRule;
  run: DryRun;
  onClose: () => void;
}

function RuleSaving({ deploymentId, rule, run, onClose }: RuleSavingProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: (reason: string) =>
      ask(changeUseRuleMutation, {
        input: { deploymentId, rule, reason, matchedSeen: run.matched, lookedAt: run.lookedAt },
      }),
    onSuccess: ({ changeUseRule: { version } }) => {
      if (!version) return;
      toast(t('useRule.saved', { version: version.version }));
      void queries.invalidateQueries({ queryKey: ['useRule', deploymentId] });
      void queries.invalidateQueries({ queryKey: ['deployments'] });
      onClose();
    },
  });
  if (run.difference.length === 0) return <p className="muted">{t('useRule.unchanged')}</p>;
  return (
    <Saving
      run={run}
      label={t('useRule.reason')}
      action={t('useRule.save')}
      save={save}
      refusal={save.data?.changeUseRule.refusal}
      onClose={onClose}
    />
  );
}
