/** The statistic of a stop rule after each case, against its bound. */
import { useTranslation } from 'react-i18next';
import type { RuleState } from '../../api/rollout_types';
import { inNumbers } from './numbers';

const WIDTH = 220;
const HEIGHT = 44;

/** Points of the line in the drawing: the bound lies at an eighth from the top, more is cut off above. */
export function linePoints(path: number[], bound: number): [number, number][] {
  const top = bound > 0 ? bound * 1.14 : 1;
  const step = path.length > 1 ? WIDTH / (path.length - 1) : 0;
  return path.map((value, index) => [index * step, HEIGHT * (1 - Math.min(value, top) / top)]);
}

export function RuleChart({ state }: { state: RuleState }) {
  const { t } = useTranslation();
  if (state.path.length === 0) return null;
  const points = linePoints(state.path, state.bound);
  const boundY = HEIGHT * (1 - 1 / 1.14);
  const last = points[points.length - 1];
  return (
    <svg
      className={state.fired ? 'rule-chart rule-fired' : 'rule-chart'}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={t('stopRules.chartLabel', {
        rule: state.rule,
        value: inNumbers(state.value),
        bound: inNumbers(state.bound),
        count: state.cases,
      })}
    >
      <line className="bound" x1="0" x2={WIDTH} y1={boundY} y2={boundY} />
      <polyline className="path" points={points.map(([x, y]) => `${x},${y}`).join(' ')} />
      {last && <circle cx={last[0]} cy={last[1]} r="2.5" />}
    </svg>
  );
}
