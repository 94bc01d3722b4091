/** What a month leaves when one figure is otherwise: a bar each, the strongest on top, and the same in numbers. */
import { useTranslation } from 'react-i18next';
import type { Sensitivity } from '../../api/costs_types';
import { inMoney, placesOn } from './money';

const WIDTH = 320;
const HEIGHT = 14;

export function SensitivityChart({ rows }: { rows: Sensitivity[] }) {
  const { t } = useTranslation();
  if (rows.length === 0) return null;
  const { zero, bars } = placesOn(WIDTH, rows);
  return (
    <section className="panel" aria-label={t('costs.sensitivity')}>
      <h2>{t('costs.sensitivity')}</h2>
      <div className="table-scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">{t('costs.figure')}</th>
              <th scope="col" className="number">
                {t('costs.atLow')}
              </th>
              <th scope="col" className="number">
                {t('costs.atHigh')}
              </th>
              <th scope="col">{t('costs.aMonth')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, at) => (
              <tr key={row.name}>
                <td>{row.name}</td>
                <td className="number">{inMoney(row.atLow)}</td>
                <td className="number">{inMoney(row.atHigh)}</td>
                <td>
                  <svg
                    className="tornado"
                    viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
                    role="img"
                    aria-label={t('costs.bar', {
                      low: inMoney(row.atLow),
                      high: inMoney(row.atHigh),
                    })}
                  >
                    <rect
                      x={bars[at]?.left ?? 0}
                      y="2"
                      width={bars[at]?.width ?? 0}
                      height={HEIGHT - 4}
                    />
                    <line x1={zero} x2={zero} y1="0" y2={HEIGHT} />
                  </svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="small muted">{t('costs.zeroLine')}</p>
    </section>
  );
}
