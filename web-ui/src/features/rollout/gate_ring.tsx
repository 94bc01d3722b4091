/** A ring with one segment a criterion: held, or not yet. */
import { useTranslation } from 'react-i18next';
import type { Gate } from '../../api/types';

const RADIUS = 10;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

export function GateRing({ gate }: { gate: Gate }) {
  const { t } = useTranslation();
  const { criteria } = gate;
  const held = criteria.filter((criterion) => criterion.held).length;
  const segment = CIRCUMFERENCE / Math.max(1, criteria.length);
  const gap = criteria.length > 1 ? 2 : 0;
  return (
    <svg
      className="gate-ring"
      viewBox="0 0 28 28"
      role="img"
      aria-label={t('rollout.criteriaHeld', { held, count: criteria.length })}
    >
      {criteria.map((criterion, index) => (
        <circle
          key={criterion.name}
          className={criterion.held ? 'ring-held' : 'ring-open'}
          cx="14"
          cy="14"
          r={RADIUS}
          strokeDasharray={`${Math.max(1, segment - gap)} ${CIRCUMFERENCE}`}
          strokeDashoffset={-index * segment}
          transform="rotate(-90 14 14)"
        />
      ))}
    </svg>
  );
}
