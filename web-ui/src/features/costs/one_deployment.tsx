/** One deployment: what it cost and gave, when it pays for itself, its budget and its plan. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Account, DeploymentEconomics, Economics } from '../../api/costs_types';
import { hasRole, useViewer } from '../session/session';
import { AccountTable } from './account_table';
import { BudgetPanel } from './budget_panel';
import { KeyFigures, KnownBadge } from './key_figures';
import { changeWords, inMoney } from './money';
import { PlanForm } from './plan_form';
import { SensitivityChart } from './sensitivity_chart';
import { TermsHistory } from './terms_history';
import { TooShort } from './too_short';

interface OneDeploymentProps {
  one: DeploymentEconomics;
  economics: Economics;
}

export function OneDeployment({ one, economics }: OneDeploymentProps) {
  const { currency } = economics.prices.prices;
  return (
    <>
      <KeyFigures account={one.account} currency={currency} />
      <TooShort account={one.account} />
      <Return account={one.account} />
      <BudgetPanel one={one} />
      <AccountTable account={one.account} currency={currency} />
      <SensitivityChart rows={one.account.sensitivity} />
      <PlanPanel one={one} />
    </>
  );
}

function Return({ account }: { account: Account }) {
  const { t } = useTranslation();
  if (account.benefits.length === 0) return <p className="note">{t('costs.enterBenefits')}</p>;
  if (account.releasedAMonth === null) return null;
  const now = account.releasedAMonth.toFixed(1);
  return (
    <ul className="plain">
      <li>
        {account.breakEven === null
          ? t('costs.noBreakEven')
          : t('costs.breakEven', { studies: account.breakEven.toFixed(1), now })}
      </li>
      <li>
        {account.paybackMonths === null
          ? t('costs.noPayback')
          : t('costs.payback', { months: account.paybackMonths.toFixed(1) })}
      </li>
    </ul>
  );
}

function PlanPanel({ one }: { one: DeploymentEconomics }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [editing, setEditing] = useState(false);
  const { plan, formerPlans } = one;
  const entered = [
    [t('costs.licenceMonth'), plan.plan.licenceMonth],
    [t('costs.licenceStudy'), plan.plan.licenceStudy],
    [t('costs.peopleMonth'), plan.plan.peopleMonth],
    [t('costs.integration', { months: plan.plan.integrationMonths }), plan.plan.integration],
  ] as const;
  return (
    <section className="panel" aria-label={t('costs.plan')}>
      <h2>{t('costs.plan')}</h2>
      <p className="small muted">
        {changeWords(t('stopRules.version', { version: plan.version }), plan)}
      </p>
      <table>
        <tbody>
          {entered.map(([name, price]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">{inMoney(price.amount)}</td>
              <td>
                <KnownBadge value={price.known} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {formerPlans.length > 0 && <TermsHistory versions={[plan, ...formerPlans]} />}
      {hasRole(viewer, 'ADMINISTRATOR') &&
        (editing ? (
          <PlanForm
            deploymentId={one.deploymentId}
            inForce={plan}
            onClose={() => setEditing(false)}
          />
        ) : (
          <button type="button" onClick={() => setEditing(true)}>
            {t('costs.changePlan')}
          </button>
        ))}
    </section>
  );
}
