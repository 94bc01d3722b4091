/** How often which score stands: by model version, deployment and month, never by reader; for quality. */
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { readingScoresQuery, SCORES, type ScoreFigure } from '../../api/discussion_documents';
import type { GroupBy } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Definition } from '../quality/definition';
import { lastDays, momentsOf } from '../quality/figure_reference';

const PERIOD_DAYS = 365;
const GROUPED = ['ALL', 'MODEL', 'DEPLOYMENT', 'MONTH'] as const satisfies readonly GroupBy[];

export function ScorePanel() {
  const { t } = useTranslation();
  const [by, setBy] = useState<(typeof GROUPED)[number]>('ALL');
  const days = lastDays(PERIOD_DAYS, new Date());
  const query = useQuery({
    queryKey: ['reading-scores', days.from, days.to],
    queryFn: () => ask(readingScoresQuery, momentsOf(days)),
  });
  const found = query.data?.readingScores;
  const rows = found?.figures.filter(({ group }) => group.by === by) ?? [];
  return (
    <section className="panel" aria-label={t('learning.scores')}>
      <h2 className="heading-with-definition">
        {t('learning.scores')}
        {found && (
          <Definition of="scores" label={t('learning.scores')} definitions={found.definitions} />
        )}
      </h2>
      <fieldset className="row-actions score-groups">
        <legend className="visually-hidden">{t('learning.grouped')}</legend>
        {GROUPED.map((one) => (
          <button
            key={one}
            type="button"
            className="chip"
            aria-pressed={by === one}
            onClick={() => setBy(one)}
          >
            {t(`figures.groupBy.${one}`)}
          </button>
        ))}
      </fieldset>
      {query.isPending && <Loading rows={2} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {found && rows.length === 0 && (
        <Empty title={t('learning.noScores.title')}>{t('learning.noScores.text')}</Empty>
      )}
      {found && rows.length > 0 && <ScoreTable rows={rows} minimum={found.minimum} />}
    </section>
  );
}

interface ScoreTableProps {
  /** In the server's order, never by value. */
  rows: readonly ScoreFigure[];
  minimum: number;
}

function ScoreTable({ rows, minimum }: ScoreTableProps) {
  const { t } = useTranslation();
  return (
    <>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('figures.group')}</th>
            <th scope="col" className="number">
              {t('learning.scoredCases')}
            </th>
            {SCORES.map((score) => (
              <th key={score} scope="col" className="number" title={t(`radpeer.${score}.meaning`)}>
                {t(`radpeer.${score}.short`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ group, cases, counts }) => (
            <tr key={group.key}>
              <th scope="row">{group.label}</th>
              <td className="number">{cases}</td>
              {SCORES.map((score) => (
                <td key={score} className={counts ? 'number' : 'number muted'}>
                  {counts?.find((one) => one.score === score)?.count ?? '–'}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className="muted small">{t('learning.tooFew', { count: minimum })}</p>
    </>
  );
}
