/** Changes rules; says in words what will be different before anything is. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changeReviewPolicyMutation } from '../../api/oversight_documents';
import type { PolicyValues, ReviewPolicy } from '../../api/oversight_types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonInput } from '../../components/reason_input';
import { useToast } from '../../components/toast';
import {
  changedValues,
  differences,
  isWithin,
  RULE_NAMES,
  RULES,
  type RuleName,
  weakens,
} from './policy_difference';
import { useRuleWords } from './rule_words';

interface RuleChangeFormProps {
  inForce: ReviewPolicy;
  onClose: () => void;
}

export function RuleChangeForm({ inForce, onClose }: RuleChangeFormProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const say = useToast();
  const { changeOf } = useRuleWords();
  const [values, setValues] = useState<PolicyValues>(inForce);
  const [reason, setReason] = useState('');
  const change = useMutation({
    mutationFn: () =>
      ask(changeReviewPolicyMutation, {
        input: { ...changedValues(inForce, values), reason: reason.trim() },
      }),
    onSuccess: ({ changeReviewPolicy: { policy } }) => {
      if (!policy) return;
      say(t('rules.changed', { version: policy.version }));
      void queries.invalidateQueries({ queryKey: ['review-policies'] });
    },
  });
  const changes = differences(inForce, values);
  const sound = RULE_NAMES.every((rule) => isWithin(rule, values[rule]));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const refusal = change.data?.changeReviewPolicy.refusal;
  return (
    <form
      className="rule-form"
      aria-label={t('rules.changeThem')}
      onSubmit={submit}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <div className="rule-fields">
        {RULE_NAMES.map((rule) => (
          <RuleField
            key={rule}
            rule={rule}
            value={values[rule]}
            onChange={(value) => setValues((now) => ({ ...now, [rule]: value }))}
          />
        ))}
      </div>
      <section className="note" aria-live="polite">
        <strong>{t('rules.willChange')}</strong>
        {changes.length === 0 && <p className="muted">{t('rules.nothingChanged')}</p>}
        <ul>
          {changes.map((one) => (
            <li key={one.rule} className={weakens(one) ? 'wait' : undefined}>
              {weakens(one) && <Icon name="warning" />} {changeOf(one)}
              {weakens(one) && ` ${t('rules.weaker')}`}
            </li>
          ))}
        </ul>
        {changes.length > 0 && <p>{t('rules.fromThenOn')}</p>}
      </section>
      <ReasonInput label={t('rules.why')} value={reason} onChange={setReason} />
      <div className="row-actions">
        <button
          type="submit"
          className="primary"
          disabled={change.isPending || changes.length === 0 || !sound || reason.trim().length < 3}
        >
          {t('rules.putInForce')}
        </button>
        <button type="button" className="quiet" onClick={onClose}>
          {t('common.cancel')}
        </button>
        {!sound && <span className="bad">{t('rules.outOfBounds')}</span>}
      </div>
      {refusal && <RefusalNote refusal={refusal} />}
      {change.isError && <Fault error={change.error} onRetry={() => change.reset()} />}
    </form>
  );
}

interface RuleFieldProps {
  rule: RuleName;
  value: number | boolean;
  onChange: (value: number | boolean) => void;
}

function RuleField({ rule, value, onChange }: RuleFieldProps) {
  const { t } = useTranslation();
  const bounds = RULES[rule];
  const means = `rule-${rule}`;
  return (
    <div>
      <label htmlFor={`field-${rule}`}>{t(`rules.rule.${rule}.name`)}</label>
      <span className="in-a-row">
        {bounds.kind === 'yesNo' ? (
          <select
            id={`field-${rule}`}
            aria-describedby={means}
            value={value ? 'yes' : 'no'}
            onChange={(event) => onChange(event.target.value === 'yes')}
          >
            <option value="yes">{t('rules.yes')}</option>
            <option value="no">{t('rules.no')}</option>
          </select>
        ) : (
          <>
            <input
              id={`field-${rule}`}
              type="number"
              required
              min={bounds.min}
              max={bounds.max}
              aria-describedby={means}
              value={Number.isNaN(value) ? '' : Number(value)}
              onChange={(event) => onChange(event.target.valueAsNumber)}
            />
            {t(`rules.unitName.${bounds.kind}`)}
          </>
        )}
      </span>
      <p id={means} className="muted small">
        {t(`rules.rule.${rule}.means`)}
      </p>
    </div>
  );
}
