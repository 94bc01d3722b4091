/** One bar a slice: its height says how much of it is uncertain, its filling whether it was seen. */
import { memo, type PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';

export interface StripSlice {
  positionMm: number;
  /** Share of the slice above the threshold, 0–1. */
  uncertain: number;
  seen: boolean;
  /** Whether a flagged region lies in it. */
  region: boolean;
  finding: boolean;
}

interface SliceStripProps {
  slices: readonly StripSlice[];
  current: number;
  /** Hidden while the original is read alone, so that it is read first. */
  showUncertain: boolean;
  onJump: (index: number) => void;
}

const HEIGHT = 36;

export function SliceStrip({ slices, current, showUncertain, onJump }: SliceStripProps) {
  const { t } = useTranslation();
  const jump = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const index = Math.floor(((event.clientX - box.left) / box.width) * slices.length);
    onJump(Math.max(0, Math.min(slices.length - 1, index)));
  };
  return (
    <div
      className="strip"
      role="slider"
      tabIndex={0}
      aria-label={t('reading.strip')}
      aria-valuemin={1}
      aria-valuemax={slices.length}
      aria-valuenow={current + 1}
      onPointerDown={jump}
      onPointerMove={jump}
    >
      <svg viewBox={`0 0 ${slices.length} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {current >= 0 && <rect className="strip-current" x={current} width="1" height={HEIGHT} />}
        <Bars slices={slices} showUncertain={showUncertain} />
      </svg>
    </div>
  );
}

/** The bars stay while the reader scrolls: only the place among them moves. */
const Bars = memo(
  ({ slices, showUncertain }: Pick<SliceStripProps, 'slices' | 'showUncertain'>) => {
    const highest = Math.max(0.02, ...slices.map((slice) => slice.uncertain));
    return slices.map((slice, index) => (
      <Bar
        {...slice}
        key={slice.positionMm}
        index={index}
        height={showUncertain ? 3 + (slice.uncertain / highest) * (HEIGHT - 10) : 3}
        region={showUncertain && slice.region}
      />
    ));
  },
);

/** One of several hundred: drawn anew only when something of it has changed. */
const Bar = memo((bar: StripSlice & { index: number; height: number }) => {
  const { t } = useTranslation();
  const { index, height } = bar;
  const percent = (100 * bar.uncertain).toFixed(1);
  return (
    <g transform={`translate(${index} 0)`}>
      <title>{t('reading.stripSlice', { slice: index + 1, percent })}</title>
      <rect className="strip-place" width="1" height={HEIGHT} />
      <rect
        className={bar.seen ? 'strip-seen' : 'strip-unseen'}
        x="0.12"
        width="0.76"
        y={HEIGHT - height}
        height={height}
      />
      {bar.region && <rect className="strip-region" x="0.12" width="0.76" y="0" height="3" />}
      {bar.finding && <rect className="strip-finding" x="0.12" width="0.76" y="4" height="3" />}
    </g>
  );
});
