/** What a rule would have taken, what not, and why. */
import { useTranslation } from 'react-i18next';
import type { DryRun, DryRunSeries } from '../../api/rollout_types';
import { Badge } from '../../components/badge';
import { Empty } from '../../components/note';
import { Time } from '../../components/time';

interface DryRunTableProps {
  run: DryRun;
  /** Whether there is no rule in force to compare with. */
  isNew: boolean;
}

export function DryRunTable({ run, isNew }: DryRunTableProps) {
  const { t } = useTranslation();
  if (run.lookedAt === 0) {
    return <Empty title={t('useRule.nothing')}>{t('useRule.nothingWhy')}</Empty>;
  }
  return (
    <>
      <p>
        {t(isNew ? 'newDeployment.summary' : 'useRule.summary', {
          matched: run.matched,
          lookedAt: run.lookedAt,
          now: run.matchedNow,
        })}{' '}
        {run.overlapping > 0 && t('useRule.overlapping', { count: run.overlapping })}
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('useRule.series')}</th>
            <th scope="col">{t('useRule.taken')}</th>
            <th scope="col">{t('useRule.why')}</th>
          </tr>
        </thead>
        <tbody>
          {run.series.map((series) => (
            <SeriesRow key={series.seriesId} series={series} isNew={isNew} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function SeriesRow({ series, isNew }: { series: DryRunSeries; isNew: boolean }) {
  const { t } = useTranslation();
  const { matched, matchesNow } = series;
  const thickness = series.sliceThicknessMm === null ? '' : ` · ${series.sliceThicknessMm} mm`;
  const field = series.fieldStrengthT === null ? '' : ` · ${series.fieldStrengthT} T`;
  return (
    <tr>
      <td>
        {series.seriesDescription || '–'}
        <div className="small muted">
          {series.modality} {series.bodyPartExamined}
          {thickness}
          {field} · <Time at={series.routedAt} />
        </div>
      </td>
      <td>
        <Badge icon={matched ? 'check' : 'cross'} tone={matched ? 'good' : 'past'}>
          {matched ? t('useRule.taken') : t('useRule.passed')}
        </Badge>
        {!isNew && matched !== matchesNow && (
          <span className="small wait"> {matched ? t('useRule.new') : t('useRule.lost')}</span>
        )}
      </td>
      <td className="small">
        {series.failedRules.join('; ')}
        {series.overlaps.length > 0 && (
          <div className="muted">{t('useRule.alsoBy', { names: series.overlaps.join(', ') })}</div>
        )}
      </td>
    </tr>
  );
}
