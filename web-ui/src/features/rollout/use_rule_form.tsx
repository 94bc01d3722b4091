/** Another rule: run dry on the series that came last, looked at, then saved. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changeUseRuleMutation, dryRunQuery } from '../../api/rollout_documents';
import type { DryRun, UseRule } from '../../api/rollout_types';
import { PRIORITIES } from '../../api/types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { DryRunTable } from './dry_run_table';
import { typedList } from './numbers';
import { NumberInput } from './stop_rules_form';

/** How many of the last series a dry run looks at. */
const SERIES = 100;

const LISTS = [
  'bodyParts',
  'bodyPartWords',
  'seriesDescriptionContains',
  'protocolNameContains',
  'manufacturers',
  'kernels',
  'senders',
] as const;
const NUMBERS = [
  'sliceThicknessMmMin',
  'sliceThicknessMmMax',
  'sharePerMille',
  'dailyMax',
] as const;

interface UseRuleFormProps {
  deploymentId: string;
  inForce: UseRule;
  onClose: () => void;
}

export function UseRuleForm({ deploymentId, inForce, onClose }: UseRuleFormProps) {
  const { t } = useTranslation();
  const [rule, setRule] = useState<UseRule>(inForce);
  const dry = useMutation({
    mutationFn: () => ask(dryRunQuery, { input: { deploymentId, rule, series: SERIES } }),
  });
  const edit = (changed: Partial<UseRule>) => {
    setRule({ ...rule, ...changed });
    dry.reset();
  };
  return (
    <div className="note">
      <RuleInputs rule={rule} onEdit={edit} />
      <div className="row-actions">
        <button
          type="button"
          className="primary"
          disabled={dry.isPending}
          onClick={() => dry.mutate()}
        >
          {t('useRule.dryRun', { count: SERIES })}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <span className="small muted">{t('useRule.dryRunFirst')}</span>
      </div>
      {dry.isError && <Fault error={dry.error} onRetry={() => dry.reset()} />}
      {dry.data && (
        <>
          <DryRunTable run={dry.data.dryRun} />
          <Saving deploymentId={deploymentId} rule={rule} run={dry.data.dryRun} onClose={onClose} />
        </>
      )}
    </div>
  );
}

interface RuleInputsProps {
  rule: UseRule;
  onEdit: (changed: Partial<UseRule>) => void;
}

function RuleInputs({ rule, onEdit }: RuleInputsProps) {
  const { t } = useTranslation();
  const hours = rule.hours ?? { from: 0, to: 24, utcOffsetMinutes: 0 };
  const editHours = (changed: Partial<typeof hours>) => {
    const edited = { ...hours, ...changed };
    const wholeDay = edited.from === 0 && edited.to === 24;
    onEdit({ hours: wholeDay ? null : edited });
  };
  return (
    <div className="fields">
      <TextInput
        label={t('useRule.field.modality')}
        value={rule.modality}
        onChange={(modality) => onEdit({ modality: modality.trim().toUpperCase() })}
      />
      {LISTS.map((field) => (
        <TextInput
          key={field}
          label={t(`useRule.field.${field}`)}
          title={t('useRule.list')}
          value={rule[field].join(', ')}
          onChange={(text) => onEdit({ [field]: typedList(text) })}
        />
      ))}
      {NUMBERS.map((field) => (
        <NumberInput
          key={field}
          label={t(`useRule.field.${field}`)}
          value={rule[field]}
          onChange={(value) => onEdit({ [field]: value })}
        />
      ))}
      <NumberInput
        label={t('useRule.field.instanceCountMin')}
        value={rule.instanceCountMin}
        onChange={(value) => onEdit({ instanceCountMin: value ?? 0 })}
      />
      <label title={t('useRule.priorityMeans')}>
        {t('useRule.field.priority')}
        <select
          value={rule.priority}
          onChange={({ target: { value } }) =>
            onEdit({ priority: PRIORITIES.find((one) => one === value) ?? rule.priority })
          }
        >
          {PRIORITIES.map((priority) => (
            <option key={priority} value={priority}>
              {t(`priority.${priority}`)}
            </option>
          ))}
        </select>
      </label>
      <NumberInput
        label={t('useRule.field.hoursFrom')}
        value={hours.from}
        onChange={(value) => editHours({ from: value ?? 0 })}
      />
      <NumberInput
        label={t('useRule.field.hoursTo')}
        value={hours.to}
        onChange={(value) => editHours({ to: value ?? 24 })}
      />
      <NumberInput
        label={t('useRule.field.utcOffsetMinutes')}
        value={hours.utcOffsetMinutes}
        onChange={(value) => editHours({ utcOffsetMinutes: value ?? 0 })}
      />
    </div>
  );
}

interface TextInputProps {
  label: string;
  value: string;
  title?: string;
  onChange: (text: string) => void;
}

/** Keeps what is typed, commas too. */
function TextInput({ label, value, title, onChange }: TextInputProps) {
  const [text, setText] = useState(value);
  return (
    <label title={title}>
      {label}
      <input
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onChange(event.target.value);
        }}
      />
    </label>
  );
}

interface SavingProps {
  deploymentId: string;
  rule: UseRule;
  run: DryRun;
  onClose: () => void;
}

function Saving({ deploymentId, rule, run, onClose }: SavingProps) {
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
  const refusal = save.data?.changeUseRule.refusal;
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
        label={t('useRule.reason')}
        action={t('useRule.save')}
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
