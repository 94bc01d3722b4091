/** What a deployment is good for: each benefit with the least, the likeliest and the most. */
import { useTranslation } from 'react-i18next';
import type { Benefit, BenefitPer } from '../../api/costs_types';
import { AmountInput, KnownChoice } from './entered_input';

const PER: readonly BenefitPer[] = ['RELEASED_STUDY', 'MONTH'];
const NEW: Benefit = {
  name: '',
  per: 'RELEASED_STUDY',
  low: 0,
  base: 0,
  high: 0,
  known: 'ESTIMATED',
};

interface BenefitFieldsProps {
  benefits: Benefit[];
  onChange: (benefits: Benefit[]) => void;
}

export function BenefitFields({ benefits, onChange }: BenefitFieldsProps) {
  const { t } = useTranslation();
  const edit = (at: number, changed: Partial<Benefit>) =>
    onChange(benefits.map((one, i) => (i === at ? { ...one, ...changed } : one)));
  return (
    <>
      {benefits.map((benefit, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a benefit has no other identity while its name is typed
        <div className="fields" key={at}>
          <label>
            {t('costs.benefitName')}
            <input
              className="benefit-name"
              value={benefit.name}
              onChange={(event) => edit(at, { name: event.target.value })}
            />
          </label>
          <label>
            {t('costs.per')}
            <select
              value={benefit.per}
              onChange={(event) => edit(at, { per: event.target.value as BenefitPer })}
            >
              {PER.map((per) => (
                <option key={per} value={per}>
                  {t(`costs.benefitPer.${per}`)}
                </option>
              ))}
            </select>
          </label>
          {(['low', 'base', 'high'] as const).map((which) => (
            <AmountInput
              key={which}
              label={t(`costs.${which}`)}
              value={benefit[which]}
              onChange={(value) => edit(at, { [which]: value ?? Number.NaN })}
            />
          ))}
          <KnownChoice
            label={benefit.name || t('costs.benefitName')}
            value={benefit.known}
            onChange={(known) => edit(at, { known })}
          />
          <button
            type="button"
            className="quiet"
            aria-label={t('costs.remove', { name: benefit.name })}
            onClick={() => onChange(benefits.filter((_, i) => i !== at))}
          >
            ×
          </button>
        </div>
      ))}
      <button type="button" onClick={() => onChange([...benefits, NEW])}>
        {t('costs.addBenefit')}
      </button>
    </>
  );
}
