/** The gate's criteria: each number with its interval drawn against its bound. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CountedPart } from '../../api/rollout_types';
import type { Criterion, Gate } from '../../api/types';
import { Badge } from '../../components/badge';
import { hasRole, useViewer } from '../session/session';

const WIDTH = 180;

/** The span that a criterion's drawing covers: everything it names, and a margin. */
export function drawnSpan(criterion: Criterion): [number, number] {
  const named = [criterion.value, criterion.low, criterion.high, criterion.bound].filter(
    (value): value is number => value !== null,
  );
  const low = Math.min(...named);
  const high = Math.max(...named);
  const margin = (high - low || 1) * 0.08;
  return [low - margin, high + margin];
}

const written = (value: number) =>
  Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 1);

function IntervalDrawing({ criterion }: { criterion: Criterion }) {
  const { t } = useTranslation();
  const [low, high] = drawnSpan(criterion);
  const x = (value: number) => ((value - low) / (high - low)) * WIDTH;
  const tone = criterion.held ? 'interval-held' : 'interval-open';
  return (
    <svg
      className={`interval ${tone}`}
      viewBox={`0 0 ${WIDTH} 20`}
      role="img"
      aria-label={t('rollout.intervalAgainst', {
        low: criterion.low === null ? '–' : written(criterion.low),
        high: criterion.high === null ? '–' : written(criterion.high),
        bound: written(criterion.bound),
      })}
    >
      <line className="axis" x1="0" x2={WIDTH} y1="10" y2="10" />
      <line className="bound" x1={x(criterion.bound)} x2={x(criterion.bound)} y1="1" y2="19" />
      {criterion.low !== null && criterion.high !== null && (
        <line className="span" x1={x(criterion.low)} x2={x(criterion.high)} y1="10" y2="10" />
      )}
      {criterion.value !== null && <circle cx={x(criterion.value)} cy="10" r="3.5" />}
    </svg>
  );
}

/** The cases that a criterion counts, to whoever may know of single cases how their reads came out. */
function Behind({ deploymentId, parts }: { deploymentId: string; parts: readonly CountedPart[] }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const knows = hasRole(viewer, 'QUALITY') && !hasRole(viewer, 'RADIOLOGIST', 'ADJUDICATOR');
  const counted = parts.filter(({ cases }) => cases > 0);
  if (!knows || counted.length === 0) return null;
  return (
    <ul className="gate-behind">
      {counted.map(({ by, group, label, cases }) => (
        <li key={`${by} ${group}`}>
          <Link to="/cases" search={{ gate: deploymentId, counted: by, ...(group && { group }) }}>
            {t(`rollout.counted.part.${by}`, {
              count: cases,
              group: label || t('rollout.counted.unknown'),
            })}
          </Link>
        </li>
      ))}
    </ul>
  );
}

interface GateTableProps {
  deploymentId: string;
  gate: Gate;
}

export function GateTable({ deploymentId, gate }: GateTableProps) {
  const { t } = useTranslation();
  return (
    <table className="gate">
      <caption>
        {t('rollout.gateFor', { stage: t(`stage.${gate.stage}`), policy: gate.policyVersion })}
      </caption>
      <thead>
        <tr>
          <th scope="col">{t('rollout.criterion')}</th>
          <th scope="col" className="number">
            {t('rollout.value')}
          </th>
          <th scope="col">{t('rollout.interval')}</th>
          <th scope="col" className="number">
            {t('rollout.bound')}
          </th>
          <th scope="col">{t('rollout.held')}</th>
          <th scope="col">{t('rollout.note')}</th>
        </tr>
      </thead>
      <tbody>
        {gate.criteria.map((criterion) => (
          <tr key={criterion.name}>
            <td>{criterion.name}</td>
            <td className="number">{criterion.value === null ? '–' : written(criterion.value)}</td>
            <td>
              <IntervalDrawing criterion={criterion} />
            </td>
            <td className="number">{written(criterion.bound)}</td>
            <td>
              {criterion.held ? (
                <Badge icon="check" tone="good">
                  {t('rollout.isHeld')}
                </Badge>
              ) : (
                <Badge icon="clock" tone="wait">
                  {t('rollout.notHeld')}
                </Badge>
              )}
            </td>
            <td className="muted">
              {criterion.note}
              <Behind deploymentId={deploymentId} parts={criterion.parts} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
