/** Other stop rules: they are proposed as they were shown, with how they behave; a second person adopts them. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { proposeStopRulesMutation, stopRulesPreviewQuery } from '../../api/rollout_documents';
import type { StopRule, StopRules, StopRulesVersion, StopTestKind } from '../../api/rollout_types';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { typedNumber } from './numbers';
import { Behaviour } from './stop_rules';

type NumberField = 'baseline' | 'alarm' | 'share' | 'hours' | 'expectedMin' | 'cases' | 'shareMax';

/** The numbers that each kind of test needs. */
const FIELDS: Record<StopTestKind, readonly NumberField[]> = {
  CUSUM: ['baseline', 'alarm', 'share'],
  SINGLE_EVENT: [],
  SILENCE: ['hours', 'expectedMin'],
  WINDOW: ['cases', 'shareMax'],
};

interface StopRulesFormProps {
  deploymentId: string;
  inForce: StopRulesVersion;
  onClose: () => void;
}

export function StopRulesForm({ deploymentId, inForce, onClose }: StopRulesFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const [rules, setRules] = useState<StopRules>({
    falseAlarmsPerYear: inForce.falseAlarmsPerYear,
    casesPerMonth: inForce.casesPerMonth,
    rules: inForce.rules,
  });
  const preview = useMutation({ mutationFn: () => ask(stopRulesPreviewQuery, { rules }) });
  const change = useMutation({
    mutationFn: (reason: string) =>
      ask(proposeStopRulesMutation, {
        input: { deploymentId, rules, reason, follows: inForce.version },
      }),
    onSuccess: ({ proposeStopRules }) => {
      if (!proposeStopRules.proposal) return;
      toast(t('rulesProposal.proposed'));
      void queries.invalidateQueries({ queryKey: ['stopRules', deploymentId] });
      onClose();
    },
  });
  const edit = (changed: Partial<StopRules>) => {
    setRules({ ...rules, ...changed });
    preview.reset();
  };
  const editRule = (at: number, changed: Partial<StopRule>) =>
    edit({ rules: rules.rules.map((rule, i) => (i === at ? { ...rule, ...changed } : rule)) });
  const refusal = change.data?.proposeStopRules.refusal;
  return (
    <div className="note">
      <div className="fields">
        <NumberInput
          label={t('stopRules.budget')}
          value={rules.falseAlarmsPerYear}
          onChange={(value) => edit({ falseAlarmsPerYear: value ?? 0 })}
        />
        <NumberInput
          label={t('stopRules.volume')}
          value={rules.casesPerMonth}
          onChange={(value) => edit({ casesPerMonth: value ?? 0 })}
        />
      </div>
      {rules.rules.map((rule, at) => (
        <RuleFields
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no other identity while its name is typed
          key={at}
          rule={rule}
          onChange={(changed) => editRule(at, changed)}
          onRemove={() => edit({ rules: rules.rules.filter((_, i) => i !== at) })}
        />
      ))}
      <div className="row-actions">
        <button type="button" disabled={preview.isPending} onClick={() => preview.mutate()}>
          {t('stopRules.preview')}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        <span className="small muted">{t('stopRules.previewFirst')}</span>
      </div>
      {preview.isError && <Fault error={preview.error} onRetry={() => preview.reset()} />}
      {preview.data && (
        <>
          {rules.rules.map((rule) => (
            <div key={rule.name}>
              <strong>{rule.name}</strong>
              <Behaviour
                rows={preview.data.stopRulesPreview.filter((row) => row.rule === rule.name)}
              />
            </div>
          ))}
          <ReasonForm
            label={t('stopRules.reason')}
            action={t('stopRules.propose')}
            pending={change.isPending}
            onAct={(reason) => change.mutate(reason)}
            onClose={onClose}
          >
            {refusal && <RefusalNote refusal={refusal} />}
            {change.isError && <Fault error={change.error} onRetry={() => change.reset()} />}
          </ReasonForm>
        </>
      )}
    </div>
  );
}

interface RuleFieldsProps {
  rule: StopRule;
  onChange: (changed: Partial<StopRule>) => void;
  onRemove: () => void;
}

function RuleFields({ rule, onChange, onRemove }: RuleFieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="fields">
      <legend>
        {rule.name}
        {rule.counted && ` · ${t(`stopRules.counted.${rule.counted}`)}`}
      </legend>
      {FIELDS[rule.test].map((field) => (
        <NumberInput
          key={field}
          label={t(`stopRules.field.${field}`)}
          value={rule[field]}
          onChange={(value) => onChange({ [field]: value })}
        />
      ))}
      {rule.test === 'CUSUM' && (
        <label className="check">
          <input
            type="checkbox"
            checked={rule.pooled ?? false}
            onChange={(event) => onChange({ pooled: event.target.checked })}
          />
          {t('stopRules.field.pooled')}
        </label>
      )}
      <button
        type="button"
        className="quiet"
        aria-label={t('stopRules.remove', { name: rule.name })}
        onClick={onRemove}
      >
        ×
      </button>
    </fieldset>
  );
}

interface NumberInputProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}

/** Keeps what is typed, so that “0.” can become “0.05”. */
export function NumberInput({ label, value, onChange }: NumberInputProps) {
  const [text, setText] = useState(value === null ? '' : String(value));
  return (
    <label>
      {label}
      <input
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onChange(typedNumber(event.target.value));
        }}
      />
    </label>
  );
}
