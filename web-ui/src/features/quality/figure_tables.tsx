/** The figures as tables: groups in the server's order, never by value. */
import { useTranslation } from 'react-i18next';
import type { FigureGroup, GroupBy, QualityFigures, RateFigure } from '../../api/types';
import { Definition } from './definition';
import { FigureCell, OpensCases } from './figure_cell';
import { type Days, type FigureOf, SEVERITIES } from './figure_reference';
import { coefficient, duration, percent, shownOf } from './figure_words';

export interface TableProps {
  figures: QualityFigures;
  by: GroupBy;
  days: Days;
}

export const referenceOf = (days: Days, { by, key }: FigureGroup, of: FigureOf) => ({
  ...days,
  by,
  key,
  ...of,
});

/** A small group: its count and nothing else. */
export function TooFew({
  count,
  minimum,
  columns,
}: {
  count: number;
  minimum: number;
  columns: number;
}) {
  const { t } = useTranslation();
  return (
    <td className="muted" colSpan={columns}>
      {t('figures.tooFew', { count, minimum })}
    </td>
  );
}

export function Heading({
  of,
  label,
  figures,
}: {
  of: string;
  label: string;
  figures: QualityFigures;
}) {
  return (
    <span className="heading-with-definition">
      {label}
      <Definition of={of} label={label} definitions={figures.definitions} />
    </span>
  );
}

const COEFFICIENTS = [
  ['kappa', 'kappa'],
  ['kappaWeighted', 'kappa'],
  ['ac1', 'ac1'],
] as const;

export function AgreementTable({ figures, by, days }: TableProps) {
  const { t, i18n } = useTranslation();
  const { minimum } = figures;
  const rows = figures.agreement.filter(({ group }) => group.by === by);
  return (
    <section className="panel figures-panel" aria-label={t('figures.agreement')}>
      <h2>{t('figures.agreement')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('figures.group')}</th>
            <th scope="col" className="number">
              {t('figures.count')}
            </th>
            <th scope="col">
              <Heading of="observed" label={t('figures.observed')} figures={figures} />
            </th>
            {COEFFICIENTS.map(([name, definition]) => (
              <th scope="col" key={name}>
                <Heading of={definition} label={t(`figures.${name}`)} figures={figures} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const compared = referenceOf(days, row.group, { figure: 'compared' });
            const small = row.count < minimum;
            return (
              <tr key={row.group.key}>
                <th scope="row">{row.group.label}</th>
                {small ? (
                  <TooFew count={row.count} minimum={minimum} columns={5} />
                ) : (
                  <>
                    <td className="number">
                      <OpensCases of={compared}>{String(row.count)}</OpensCases>
                    </td>
                    <FigureCell
                      shown={shownOf(row.observed, row.count, minimum)}
                      opens={referenceOf(days, row.group, { figure: 'differing' })}
                      write={(value) => percent(value, i18n.language)}
                      scale={[0, 1]}
                    />
                    {COEFFICIENTS.map(([name]) => (
                      <FigureCell
                        key={name}
                        shown={shownOf(row[name], row.count, minimum)}
                        opens={compared}
                        write={(value) => coefficient(value, i18n.language)}
                        scale={[-1, 1]}
                      />
                    ))}
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** The rates of a group by kind of finding; a small group once, because it shows no kind. */
function byGroupAndKind(rates: readonly RateFigure[], minimum: number) {
  const rows = new Map<string, RateFigure[]>();
  for (const rate of rates) {
    const kind = rate.count < minimum ? '' : rate.kind;
    const row = `${rate.group.key} ${kind}`;
    rows.set(row, [...(rows.get(row) ?? []), rate]);
  }
  return [...rows.entries()];
}

/** Rates are small: all are drawn up to the highest bound of any group, so that they can be compared. */
function rateScale(rates: readonly RateFigure[]): readonly [number, number] {
  const highest = Math.max(0, ...rates.map(({ rate }) => rate?.high ?? 0));
  return [0, highest > 0 ? highest : 1];
}

export function RateTable({ figures, by, days }: TableProps) {
  const { t, i18n } = useTranslation();
  const { minimum } = figures;
  const rows = byGroupAndKind(
    figures.rates.filter(({ group }) => group.by === by),
    minimum,
  );
  const scale = rateScale(figures.rates);
  return (
    <section className="panel figures-panel" aria-label={t('figures.rates')}>
      <h2>
        <Heading of="rate" label={t('figures.rates')} figures={figures} />
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('figures.group')}</th>
            <th scope="col">{t('figures.kind')}</th>
            <th scope="col" className="number">
              {t('figures.count')}
            </th>
            {SEVERITIES.map((severity) => (
              <th scope="col" key={severity}>
                {t('figures.atLeast', { severity: t(`severity.${severity}`) })}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([key, rates]) => {
            const [first] = rates;
            if (!first) return null;
            const { group, kind, count } = first;
            return (
              <tr key={key}>
                <th scope="row">{group.label}</th>
                {count < minimum ? (
                  <TooFew count={count} minimum={minimum} columns={5} />
                ) : (
                  <>
                    <td>{t(`finding.${kind}`)}</td>
                    <td className="number">
                      <OpensCases of={referenceOf(days, group, { figure: 'compared' })}>
                        {String(count)}
                      </OpensCases>
                    </td>
                    {SEVERITIES.map((severity) => (
                      <FigureCell
                        key={severity}
                        shown={shownOf(
                          rates.find((rate) => rate.severity === severity)?.rate ?? null,
                          count,
                          minimum,
                        )}
                        opens={referenceOf(days, group, { figure: 'rate', kind, severity })}
                        write={(value) => percent(value, i18n.language)}
                        scale={scale}
                      />
                    ))}
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function TimeTable({ figures, by, days }: TableProps) {
  const { t, i18n } = useTranslation();
  const { minimum } = figures;
  const rows = figures.times.filter(({ group }) => group.by === by);
  return (
    <section className="panel figures-panel" aria-label={t('figures.times')}>
      <h2>
        <Heading of="times" label={t('figures.times')} figures={figures} />
      </h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('figures.group')}</th>
            <th scope="col">{t('figures.spanHeading')}</th>
            {(['count', 'median', 'p90', 'p95'] as const).map((name) => (
              <th scope="col" key={name} className="number">
                {t(`figures.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ group, span, count, medianSeconds, p90Seconds, p95Seconds }) => {
            const opens = referenceOf(days, group, { figure: 'time', span });
            const values = { median: medianSeconds, p90: p90Seconds, p95: p95Seconds };
            return (
              <tr key={`${group.key} ${span}`}>
                <th scope="row">{group.label}</th>
                <td>{t(`figures.span.${span}`)}</td>
                {count < minimum ? (
                  <TooFew count={count} minimum={minimum} columns={4} />
                ) : (
                  <>
                    <td className="number">
                      <OpensCases of={opens}>{String(count)}</OpensCases>
                    </td>
                    {Object.entries(values).map(([name, seconds]) => (
                      <td key={name} className="number">
                        {seconds === null ? (
                          <span className="muted">{t('figures.undefined')}</span>
                        ) : (
                          <OpensCases of={opens}>{duration(seconds, i18n.language)}</OpensCases>
                        )}
                      </td>
                    ))}
                  </>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
