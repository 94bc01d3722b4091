/** Control charts as small multiples: the share of each point with its exact limits. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChartPoint, ControlChart, QualityWatch } from '../../api/quality_watch';
import { CasesBeside } from './cases_beside';
import { Definition } from './definition';
import { percent } from './figure_words';

const WIDTH = 320;
const HEIGHT = 96;
const EDGE = 8;

export function ChartPanel({ watch }: { watch: QualityWatch }) {
  const { t } = useTranslation();
  return (
    <section className="panel figures-panel" aria-label={t('watch.charts')}>
      <h2 className="heading-with-definition">
        {t('watch.charts')}
        <Definition of="charts" label={t('watch.charts')} definitions={watch.definitions} />
      </h2>
      {watch.charts.length === 0 && (
        <p className="muted">{t('watch.noCharts', { minimum: watch.minimum })}</p>
      )}
      <div className="charts">
        {watch.charts.map((chart) => (
          <OneChart key={`${chart.by} ${chart.outcome}`} chart={chart} />
        ))}
      </div>
    </section>
  );
}

function OneChart({ chart }: { chart: ControlChart }) {
  const { t, i18n } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const point = chart.points.find(({ label }) => label === chosen);
  const words = (of: ChartPoint) =>
    t('watch.limits', { ...of }) + (of.isOutside ? ` – ${t('watch.outside')}` : '');
  const title = `${t(`watch.outcome.${chart.outcome}`)}, ${t(`watch.by.${chart.by}`)}`;
  return (
    <figure className="chart">
      <figcaption>
        {title}{' '}
        <span className="muted small">
          {t('watch.centre', { share: percent(chart.centre, i18n.language) })}
        </span>
      </figcaption>
      <Drawn chart={chart} chosen={chosen} />
      <div className="chart-points">
        {chart.points.map((of) => (
          <button
            key={of.label}
            type="button"
            className={of.isOutside ? 'outside' : undefined}
            aria-pressed={of.label === chosen}
            aria-label={words(of)}
            title={words(of)}
            onClick={() => setChosen(of.label === chosen ? null : of.label)}
          >
            {of.isOutside ? '▲' : '●'}
          </button>
        ))}
      </div>
      {point && (
        <p className="small">
          {words(point)} <CasesBeside key={point.label} of={words(point)} caseIds={point.caseIds} />
        </p>
      )}
    </figure>
  );
}

function Drawn({ chart, chosen }: { chart: ControlChart; chosen: string | null }) {
  const share = (found: number, { count }: ChartPoint) => (count > 0 ? found / count : 0);
  const most = Math.max(
    0.05,
    ...chart.points.flatMap((point) => [share(point.found, point), share(point.high, point)]),
  );
  const y = (value: number) => HEIGHT - EDGE - (value / most) * (HEIGHT - 2 * EDGE);
  const x = (place: number) => ((place + 0.5) / chart.points.length) * WIDTH;
  const half = Math.min(12, WIDTH / chart.points.length / 2 - 1);
  return (
    <svg className="chart-drawn" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {chart.points.map((point, place) => (
        <g key={point.label} className={point.isOutside ? 'outside' : undefined}>
          <rect
            className={point.label === chosen ? 'chart-limits chosen' : 'chart-limits'}
            x={x(place) - half}
            width={2 * half}
            y={y(share(point.high, point))}
            height={Math.max(1, y(share(point.low, point)) - y(share(point.high, point)))}
          />
          <circle className="chart-point" cx={x(place)} cy={y(share(point.found, point))} r="4" />
        </g>
      ))}
      <line className="chart-centre" x1="0" x2={WIDTH} y1={y(chart.centre)} y2={y(chart.centre)} />
    </svg>
  );
}
