/** One number of the figures with its interval; it opens exactly its cases. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { FigureReference } from './figure_reference';
import type { Shown } from './figure_words';

export function OpensCases({ of, children }: { of: FigureReference; children: string }) {
  return (
    <Link to="/cases" search={of}>
      {children}
    </Link>
  );
}

interface FigureCellProps {
  shown: Shown;
  opens: FigureReference;
  write: (value: number) => string;
  /** The values that the drawn interval reaches from and to. */
  scale: readonly [number, number];
}

export function FigureCell({ shown, opens, write, scale }: FigureCellProps) {
  const { t } = useTranslation();
  switch (shown.kind) {
    case 'too-few':
      return <td className="muted">–</td>;
    case 'undefined':
      return <td className="muted small">{t('figures.undefined')}</td>;
    case 'value': {
      const { value, interval } = shown;
      return (
        <td className="figure">
          <OpensCases of={opens}>{write(value)}</OpensCases>
          {interval ? (
            <>
              <span className="muted small">
                [{write(interval[0])}, {write(interval[1])}]
              </span>
              <IntervalBar
                value={value}
                interval={interval}
                scale={scale}
                label={t('figures.interval', { low: write(interval[0]), high: write(interval[1]) })}
              />
            </>
          ) : (
            <span className="muted small">{t('figures.noInterval')}</span>
          )}
        </td>
      );
    }
    default:
      return shown satisfies never;
  }
}

interface IntervalBarProps {
  value: number;
  interval: readonly [number, number];
  scale: readonly [number, number];
  label: string;
}

function IntervalBar({ value, interval, scale, label }: IntervalBarProps) {
  const [least, most] = scale;
  const place = (of: number) =>
    (100 * (Math.min(most, Math.max(least, of)) - least)) / (most - least);
  const [low, high] = interval.map(place) as [number, number];
  return (
    <svg className="interval" viewBox="0 0 100 8" preserveAspectRatio="none" role="img">
      <title>{label}</title>
      <line x1="0" x2="100" y1="4" y2="4" className="interval-scale" />
      <line x1={low} x2={high} y1="4" y2="4" className="interval-range" />
      <line x1={place(value)} x2={place(value)} y1="0" y2="8" className="interval-value" />
    </svg>
  );
}
