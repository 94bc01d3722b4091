/** The rules in force, the versions before them, and the way to change them. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { reviewPoliciesQuery } from '../../api/oversight_documents';
import type { ReviewPolicy } from '../../api/oversight_types';
import { Icon } from '../../components/icon';
import { Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { RULE_NAMES } from './policy_difference';
import { RuleChangeForm } from './rule_change_form';
import { useRuleWords } from './rule_words';
import { Versions } from './versions';

export function ReadingRules() {
  const query = useQuery({
    queryKey: ['review-policies'],
    queryFn: () => ask(reviewPoliciesQuery, {}),
  });
  const [inForce, ...former] = query.data?.reviewPolicies ?? [];
  return (
    <>
      {query.isPending && <Loading rows={8} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {inForce && <RulesInForce key={inForce.version} inForce={inForce} former={former} />}
    </>
  );
}

interface RulesInForceProps {
  inForce: ReviewPolicy;
  /** Newest first. */
  former: readonly ReviewPolicy[];
}

function RulesInForce({ inForce, former }: RulesInForceProps) {
  const { t } = useTranslation();
  const mayChange = hasRole(useViewer(), 'QUALITY');
  const [changing, setChanging] = useState(false);
  return (
    <div className="rules">
      <section className="panel" aria-labelledby="rules-in-force">
        <div className="page-head">
          <h2 id="rules-in-force">{t('rules.inForce', { version: inForce.version })}</h2>
          <span className="muted">
            {inForce.adoptedAt ? (
              <>
                {inForce.adoptedBy} · <Time at={inForce.adoptedAt} />
              </>
            ) : (
              t('rules.fromConfiguration')
            )}
          </span>
          <span className="spring" />
          {mayChange && !changing && (
            <button type="button" onClick={() => setChanging(true)}>
              <Icon name="pen" />
              {t('rules.changeThem')}
            </button>
          )}
        </div>
        <p className="muted">{t('rules.meaning')}</p>
        {changing ? (
          <RuleChangeForm inForce={inForce} onClose={() => setChanging(false)} />
        ) : (
          <RuleList inForce={inForce} />
        )}
      </section>
      <Versions versions={[inForce, ...former]} />
    </div>
  );
}

function RuleList({ inForce }: { inForce: ReviewPolicy }) {
  const { t } = useTranslation();
  const { ruleValue } = useRuleWords();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('rules.ruleHeading')}</th>
          <th scope="col">{t('rules.valueHeading')}</th>
          <th scope="col">{t('rules.meansHeading')}</th>
        </tr>
      </thead>
      <tbody>
        {RULE_NAMES.map((rule) => (
          <tr key={rule}>
            <th scope="row">{t(`rules.rule.${rule}.name`)}</th>
            <td className="rule-value">{ruleValue(rule, inForce[rule])}</td>
            <td className="muted">{t(`rules.rule.${rule}.means`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
