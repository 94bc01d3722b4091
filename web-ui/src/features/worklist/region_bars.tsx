/** The flagged regions of a case at a glance: one bar a region, its half-width on the fixed range of the use. */
import { useTranslation } from 'react-i18next';
import type { CaseRow } from '../../api/types';
import { writtenUnit } from '../../components/unit';

const HEIGHT = 16;
const BAR_WIDTH = 4;
const BARS_MAX = 12;

export function RegionBars({ row }: { row: CaseRow }) {
  const { t } = useTranslation();
  const { uncertaintyRange: range, unit } = row.model;
  const widths = row.regions.map(({ halfWidthMax }) => halfWidthMax).sort((a, b) => b - a);
  const widest = widths[0];
  if (widest === undefined) return <span className="muted">{t('worklist.noRegions')}</span>;
  return (
    <span className="region-bars">
      <svg width={BAR_WIDTH * Math.min(widths.length, BARS_MAX)} height={HEIGHT} aria-hidden="true">
        {widths.slice(0, BARS_MAX).map((width, index) => {
          const height = Math.max(1, Math.min(1, width / range) * HEIGHT);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: bars are drawn by rank and have no names
              key={index}
              x={index * BAR_WIDTH}
              y={HEIGHT - height}
              width={BAR_WIDTH - 1}
              height={height}
            />
          );
        })}
      </svg>
      {t('worklist.regionsUpTo', {
        count: widths.length,
        width: widest.toFixed(0),
        unit: writtenUnit(unit),
      })}
    </span>
  );
}
