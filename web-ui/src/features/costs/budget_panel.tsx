/** Where a month's budget stands, and what it kept out. */
import { useTranslation } from 'react-i18next';
import type { BudgetStanding, DeploymentEconomics } from '../../api/costs_types';
import { Badge } from '../../components/badge';
import type { IconName } from '../../components/icon';
import { Time } from '../../components/time';
import { inMoney } from './money';

const STANDING: Record<BudgetStanding, [IconName, 'good' | 'wait' | 'bad']> = {
  OPEN: ['check', 'good'],
  THROTTLED: ['warning', 'wait'],
  PAUSED: ['pause', 'bad'],
};
const WIDTH = 400;

export function BudgetPanel({ one }: { one: DeploymentEconomics }) {
  const { t } = useTranslation();
  const { budget: state, refusals, refused } = one;
  return (
    <section className="panel" aria-label={t('costs.budget')}>
      <h2>{t('costs.budget')}</h2>
      {!state && <p className="muted">{t('costs.noBudget')}</p>}
      {state && (
        <>
          <p>
            <Badge icon={STANDING[state.standing][0]} tone={STANDING[state.standing][1]}>
              {t(`costs.standing.${state.standing}`)}
            </Badge>{' '}
            {state.note}
          </p>
          <BudgetBar one={one} />
          <p className="small muted">
            {t('costs.estimateFrom', {
              count: state.estimateFrom,
              estimate: inMoney(state.estimate),
            })}
          </p>
        </>
      )}
      {refused > 0 && (
        <>
          <h3>{t('costs.refused', { count: refused })}</h3>
          <div className="table-scroll">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t('costs.series')}</th>
                  <th scope="col">{t('costs.when')}</th>
                  <th scope="col">{t('costs.why')}</th>
                </tr>
              </thead>
              <tbody>
                {refusals.map((refusal) => (
                  <tr key={`${refusal.seriesId} ${refusal.refusedAt}`}>
                    <td>
                      <code>{refusal.seriesId}</code>
                    </td>
                    <td>
                      <Time at={refusal.refusedAt} />
                    </td>
                    <td className="small">{refusal.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </section>
  );
}

/** The month's budget as a line: what is committed, and where throttling begins. */
function BudgetBar({ one }: { one: DeploymentEconomics }) {
  const { t } = useTranslation();
  const state = one.budget;
  if (!state) return null;
  const { month, throttleFrom } = state.budget;
  const x = (amount: number) => (Math.min(amount, month) / month) * WIDTH;
  return (
    <svg
      className={`budget-bar budget-${state.standing.toLowerCase()}`}
      viewBox={`0 0 ${WIDTH} 20`}
      role="img"
      aria-label={t('costs.budgetBar', {
        committed: inMoney(state.committed),
        month: inMoney(month),
      })}
    >
      <rect className="track" x="0" y="4" width={WIDTH} height="12" />
      <rect className="committed" x="0" y="4" width={x(state.committed)} height="12" />
      <line x1={throttleFrom * WIDTH} x2={throttleFrom * WIDTH} y1="0" y2="20" />
    </svg>
  );
}
