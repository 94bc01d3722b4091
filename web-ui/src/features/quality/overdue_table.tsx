/** How many cases ended after they were due. */
import { useTranslation } from 'react-i18next';
import { FigureCell, OpensCases } from './figure_cell';
import { Heading, referenceOf, type TableProps, TooFew } from './figure_tables';
import { percent, shownOf } from './figure_words';

export function OverdueTable({ figures, by, days }: TableProps) {
  const { t, i18n } = useTranslation();
  const { minimum } = figures;
  const rows = figures.overdue.filter(({ group }) => group.by === by);
  return (
    <section className="panel figures-panel" aria-label={t('figures.overdue')}>
      <h2>
        <Heading of="overdue" label={t('figures.overdue')} figures={figures} />
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('figures.group')}</th>
            <th scope="col" className="number">
              {t('figures.count')}
            </th>
            <th scope="col">{t('figures.overdueShare')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ group, count, rate }) => (
            <tr key={group.key}>
              <th scope="row">{group.label}</th>
              {count < minimum ? (
                <TooFew count={count} minimum={minimum} columns={2} />
              ) : (
                <>
                  <td className="number">
                    <OpensCases of={referenceOf(days, group, { figure: 'compared' })}>
                      {String(count)}
                    </OpensCases>
                  </td>
                  <FigureCell
                    shown={shownOf(rate, count, minimum)}
                    opens={referenceOf(days, group, { figure: 'overdue' })}
                    write={(value) => percent(value, i18n.language)}
                    scale={[0, 1]}
                  />
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
