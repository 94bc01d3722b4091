/** Rules of reading and their values, in words. */
import { useTranslation } from 'react-i18next';
import { RULES, type RuleChange, type RuleName } from './policy_difference';

export function useRuleWords() {
  const { t, i18n } = useTranslation();
  const ruleValue = (rule: RuleName, value: number | boolean): string => {
    const { kind } = RULES[rule];
    if (typeof value === 'boolean' || kind === 'yesNo') {
      return t(value ? 'rules.yes' : 'rules.no');
    }
    if (kind === 'perMille') {
      const format = { style: 'percent', maximumFractionDigits: 1 } as const;
      return (value / 1000).toLocaleString(i18n.language, format);
    }
    return t(`rules.unit.${kind}`, { count: value });
  };
  const changeOf = ({ rule, before, after }: RuleChange): string =>
    t('rules.change', {
      rule: t(`rules.rule.${rule}.name`),
      before: ruleValue(rule, before),
      after: ruleValue(rule, after),
    });
  return { ruleValue, changeOf };
}
