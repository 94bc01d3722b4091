/** An account, line by line: how much of what, at which price, and how each is known. */
import { useTranslation } from 'react-i18next';
import type { Account } from '../../api/costs_types';
import { between, KnownBadge } from './key_figures';
import { inMoney, inQuantity } from './money';

export function AccountTable({ account, currency }: { account: Account; currency: string }) {
  const { t } = useTranslation();
  return (
    <section className="panel" aria-label={t('costs.account')}>
      <h2>{t('costs.account')}</h2>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('costs.spentOn')}</th>
              <th scope="col" className="number">
                {t('costs.quantity')}
              </th>
              <th scope="col">{t('costs.knownAs')}</th>
              <th scope="col" className="number">
                {t('costs.price')}
              </th>
              <th scope="col">{t('costs.knownAs')}</th>
              <th scope="col" className="number">
                {t('costs.amount', { currency })}
              </th>
            </tr>
          </thead>
          <tbody>
            {account.lines.map((line) => (
              <tr key={`${line.kind} ${line.name}`} className={line.amount === 0 ? 'muted' : ''}>
                <td>
                  {t(`costs.kind.${line.kind}`)} <span className="small muted">{line.name}</span>
                </td>
                <td className="number">
                  {inQuantity(line.quantity)} {line.unit}
                </td>
                <td>
                  <KnownBadge value={line.quantityKnown} />
                </td>
                <td className="number">{inMoney(line.price)}</td>
                <td>
                  <KnownBadge value={line.priceKnown} />
                </td>
                <td className="number">{inMoney(line.amount)}</td>
              </tr>
            ))}
            <tr className="sum">
              <td colSpan={4}>{t('costs.cost')}</td>
              <td>
                <KnownBadge value={account.known} />
              </td>
              <td className="number">{inMoney(account.cost)}</td>
            </tr>
            {account.benefits.map((line) => (
              <tr key={`benefit ${line.name}`}>
                <td>{line.name}</td>
                <td className="number">
                  {inQuantity(line.quantity)} {line.unit}
                </td>
                <td />
                <td className="number small muted">{between(line.amount)}</td>
                <td>
                  <KnownBadge value={line.known} />
                </td>
                <td className="number">{inMoney(line.amount.base)}</td>
              </tr>
            ))}
            {account.benefits.length > 0 && (
              <tr className="sum">
                <td colSpan={3}>{t('costs.result')}</td>
                <td className="number small muted">{between(account.result)}</td>
                <td />
                <td className="number">{inMoney(account.result.base)}</td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
    </section>
  );
}
