/** An amount that a person enters, and how it is known. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entered, Known } from '../../api/costs_types';
import { typedNumber } from '../rollout/numbers';

/** What a person can say of an amount; what is measured is measured here. */
const SAYABLE: readonly Known[] = ['CONTRACT', 'ESTIMATED'];

interface EnteredInputProps {
  label: string;
  value: Entered;
  onChange: (value: Entered) => void;
}

export function EnteredInput({ label, value, onChange }: EnteredInputProps) {
  return (
    <span className="entered">
      <AmountInput
        label={label}
        value={value.amount}
        onChange={(amount) => onChange({ ...value, amount: amount ?? Number.NaN })}
      />
      <KnownChoice
        label={label}
        value={value.known}
        onChange={(known) => onChange({ ...value, known })}
      />
    </span>
  );
}

interface KnownChoiceProps {
  label: string;
  value: Known;
  onChange: (value: Known) => void;
}

export function KnownChoice({ label, value, onChange }: KnownChoiceProps) {
  const { t } = useTranslation();
  return (
    <select
      aria-label={t('costs.knownOf', { name: label })}
      value={value}
      onChange={(event) => onChange(event.target.value as Known)}
    >
      {SAYABLE.map((known) => (
        <option key={known} value={known}>
          {t(`costs.known.${known}`)}
        </option>
      ))}
    </select>
  );
}

interface AmountInputProps {
  label: string;
  value: number | null;
  onChange: (value: number | null) => void;
}

/** Keeps what is typed, so that “0.” can become “0.05”. */
export function AmountInput({ label, value, onChange }: AmountInputProps) {
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
