/** Which cases that are known to be bad were caught: for quality, never for whoever reads. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { sentinelFiguresQuery } from '../../api/oversight_documents';
import type { GroupBy, SentinelFigure } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { hasRole, useViewer } from '../session/session';
import { Definition } from './definition';
import { FigureCell, OpensCases } from './figure_cell';
import { type Days, momentsOf } from './figure_reference';
import { percent, shownOf } from './figure_words';

/** Test cases have no pair of readers, stage, scanner or month worth a group: they are few. */
const GROUPED: readonly GroupBy[] = ['ALL', 'MODEL', 'DEPLOYMENT'];

export function SentinelPanel({ days, by }: { days: Days; by: GroupBy }) {
  const viewer = useViewer();
  const reads = hasRole(viewer, 'RADIOLOGIST', 'ADJUDICATOR');
  return reads ? null : <Detection days={days} by={GROUPED.includes(by) ? by : 'ALL'} />;
}

function Detection({ days, by }: { days: Days; by: GroupBy }) {
  const { t } = useTranslation();
  const query = useQuery({
    queryKey: ['sentinel-figures', days.from, days.to],
    queryFn: () => ask(sentinelFiguresQuery, momentsOf(days)),
    enabled: days.from <= days.to,
  });
  const found = query.data?.sentinelFigures;
  const cases = found?.cases.filter(({ group }) => group.by === by) ?? [];
  return (
    <section className="panel figures-panel" aria-label={t('sentinel.title')}>
      <h2 className="heading-with-definition">
        {t('sentinel.title')}
        {found && (
          <Definition of="sentinels" label={t('sentinel.title')} definitions={found.definitions} />
        )}
      </h2>
      {query.isPending && query.fetchStatus !== 'idle' && <Loading rows={2} />}
      {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
      {found?.readers.length === 0 && (
        <Empty title={t('sentinel.empty.title')}>{t('sentinel.empty.text')}</Empty>
      )}
      {cases.length > 0 && <SentinelTable figures={cases} days={days} what="cases" />}
      {found && found.readers.length > 0 && (
        <details>
          <summary>{t('sentinel.byReader')}</summary>
          <p className="muted small">{t('sentinel.readerMeaning')}</p>
          <SentinelTable figures={found.readers} days={days} what="reads" />
        </details>
      )}
    </section>
  );
}

interface SentinelTableProps {
  /** In the server's order, never by value. */
  figures: readonly SentinelFigure[];
  days: Days;
  what: 'cases' | 'reads';
}

function SentinelTable({ figures, days, what }: SentinelTableProps) {
  const { t, i18n } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t(what === 'cases' ? 'figures.group' : 'sentinel.reader')}</th>
          <th scope="col" className="number">
            {t(`sentinel.${what}`)}
          </th>
          <th scope="col" className="number">
            {t('sentinel.missed')}
          </th>
          <th scope="col">{t('sentinel.caught')}</th>
          <th scope="col" className="number">
            {t('sentinel.unable')}
          </th>
        </tr>
      </thead>
      <tbody>
        {figures.map(({ group, count, unable, missedCaseIds, rate }) => {
          const of = { ...days, by: group.by, key: group.key };
          return (
            <tr key={group.key}>
              <th scope="row">{group.label}</th>
              <td className="number">
                <OpensCases of={{ ...of, figure: 'sentinels' }}>{String(count)}</OpensCases>
              </td>
              <td className="number">
                <OpensCases of={{ ...of, figure: 'missed' }}>
                  {String(missedCaseIds.length)}
                </OpensCases>
              </td>
              <FigureCell
                shown={shownOf(rate, count, 1)}
                opens={{ ...of, figure: 'sentinels' }}
                write={(value) => percent(value, i18n.language)}
                scale={[0, 1]}
              />
              <td className="number">{unable}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
