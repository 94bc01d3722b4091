import { useTranslation } from 'react-i18next';
import type { Json } from '../../api/types';
import { Badge } from '../../components/badge';
import { type MetricSection, type MetricTable, metricSections, printed } from './metrics';

export function MetricsTable({ metrics }: { metrics: Json }) {
  const { t } = useTranslation();
  const sections = metricSections(metrics);
  if (sections.length === 0) return <p className="muted">{t('models.noMetrics')}</p>;
  return sections.map((section, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: sections are laid out once and never move
    <SectionView key={index} section={section} />
  ));
}

function SectionView({ section }: { section: MetricSection }) {
  return (
    <section className={`metric-section metric-depth-${Math.min(2, section.depth)}`}>
      {section.title && <h3>{section.title}</h3>}
      {section.facts.length > 0 && (
        <dl className="facts small">
          {section.facts.map(({ name, value }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{printed(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {section.tables.map((table) => (
        <TableView key={table.columns.join()} table={table} />
      ))}
    </section>
  );
}

function Cell({ value }: { value: string | number | boolean | null }) {
  const { t } = useTranslation();
  if (typeof value !== 'boolean') return printed(value);
  return value ? (
    <Badge icon="check" tone="good">
      {t('models.met')}
    </Badge>
  ) : (
    <Badge icon="cross" tone="bad">
      {t('models.missed')}
    </Badge>
  );
}

function TableView({ table }: { table: MetricTable }) {
  const { t } = useTranslation();
  const named = table.rows.some(({ name }) => name !== null);
  return (
    <table className="metrics">
      <thead>
        <tr>
          {named && <th scope="col">{t('models.metric')}</th>}
          {table.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {table.rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are laid out once and never move
          <tr key={index}>
            {named && <th scope="row">{row.name}</th>}
            {row.cells.map((cell, column) => (
              <td key={table.columns[column]}>
                <Cell value={cell} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
