/** What a rule asks, field by field. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { UseRule } from '../../api/rollout_types';
import { PRIORITIES } from '../../api/types';
import { typedList } from './numbers';
import { NumberInput } from './stop_rules_form';

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
/** What only scanners of MR say. */
const OF_MR = ['fieldStrengthTMin', 'fieldStrengthTMax'] as const;

interface RuleInputsProps {
  rule: UseRule;
  onEdit: (changed: Partial<UseRule>) => void;
}

export function RuleInputs({ rule, onEdit }: RuleInputsProps) {
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
        onChange={(text) => onEdit(ofModality(text.trim().toUpperCase()))}
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
      {rule.modality === 'MR' &&
        OF_MR.map((field) => (
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

/** A rule of another modality asks for no field strength that nobody sees. */
function ofModality(modality: string): Partial<UseRule> {
  return modality === 'MR'
    ? { modality }
    : { modality, fieldStrengthTMin: null, fieldStrengthTMax: null };
}

interface TextInputProps {
  label: string;
  value: string;
  title?: string;
  onChange: (text: string) => void;
}

/** Keeps what is typed, commas too. */
export function TextInput({ label, value, title, onChange }: TextInputProps) {
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
