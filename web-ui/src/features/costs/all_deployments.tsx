/** All deployments together: the sums, each deployment as a row, and the prices of the house. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DeploymentEconomics, Economics } from '../../api/costs_types';
import { StageBadge } from '../../components/badge';
import { hasRole, useViewer } from '../session/session';
import { AccountTable } from './account_table';
import { KeyFigures, KnownBadge } from './key_figures';
import { changeWords, inMoney } from './money';
import { PricesForm } from './prices_form';
import { SensitivityChart } from './sensitivity_chart';
import { TermsHistory } from './terms_history';
import { TooShort } from './too_short';

interface AllDeploymentsProps {
  economics: Economics;
  onChoose: (deploymentId: string) => void;
}

export function AllDeployments({ economics, onChoose }: AllDeploymentsProps) {
  const { t } = useTranslation();
  const { total, prices, deployments } = economics;
  const { currency } = prices.prices;
  return (
    <>
      <KeyFigures account={total} currency={currency} />
      <TooShort account={total} />
      <section className="panel" aria-label={t('costs.byDeployment')}>
        <h2>{t('costs.byDeployment')}</h2>
        <div className="table-scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t('costs.deployment')}</th>
                <th scope="col">{t('costs.stage')}</th>
                {(
                  ['generated', 'released', 'cost', 'perReleased', 'result', 'refusedHead'] as const
                ).map((word) => (
                  <th key={word} scope="col" className="number">
                    {t(`costs.${word}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {deployments.map((one) => (
                <Row key={one.deploymentId} one={one} onChoose={onChoose} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <AccountTable account={total} currency={currency} />
      <SensitivityChart rows={total.sensitivity} />
      <PricesPanel economics={economics} />
    </>
  );
}

interface RowProps {
  one: DeploymentEconomics;
  onChoose: (deploymentId: string) => void;
}

function Row({ one, onChoose }: RowProps) {
  const { account } = one;
  return (
    <tr>
      <td>
        <button type="button" className="row-link" onClick={() => onChoose(one.deploymentId)}>
          {one.name}
        </button>
      </td>
      <td>
        <StageBadge value={one.stage} />
      </td>
      <td className="number">{account.generated}</td>
      <td className="number">{account.released}</td>
      <td className="number">{inMoney(account.cost)}</td>
      <td className="number">
        {account.perReleased === null ? '–' : inMoney(account.perReleased)}
      </td>
      <td className="number">
        {account.benefits.length === 0 ? '–' : inMoney(account.result.base)}
      </td>
      <td className={one.refused > 0 ? 'number wait' : 'number'}>{one.refused}</td>
    </tr>
  );
}

function PricesPanel({ economics }: { economics: Economics }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [editing, setEditing] = useState(false);
  const { prices, formerPrices } = economics;
  const { devices, otherDeviceHour, storageGbMonth, storageMonths, readerHour } = prices.prices;
  const rows = [
    ...devices.map(({ device, hour }) => [t('costs.hourOf', { device }), hour] as const),
    [t('costs.otherDeviceHour'), otherDeviceHour] as const,
    [t('costs.storageGbMonth', { months: storageMonths }), storageGbMonth] as const,
    [t('costs.readerHour'), readerHour] as const,
  ];
  return (
    <section className="panel" aria-label={t('costs.prices')}>
      <h2>{t('costs.prices')}</h2>
      <p className="small muted">
        {changeWords(t('stopRules.version', { version: prices.version }), prices)}
      </p>
      <table>
        <tbody>
          {rows.map(([name, price]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="number">
                {inMoney(price.amount)} {prices.prices.currency}
              </td>
              <td>
                <KnownBadge value={price.known} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {formerPrices.length > 0 && <TermsHistory versions={[prices, ...formerPrices]} />}
      {hasRole(viewer, 'ADMINISTRATOR') &&
        (editing ? (
          <PricesForm inForce={prices} onClose={() => setEditing(false)} />
        ) : (
          <button type="button" onClick={() => setEditing(true)}>
            {t('costs.changePrices')}
          </button>
        ))}
    </section>
  );
}
