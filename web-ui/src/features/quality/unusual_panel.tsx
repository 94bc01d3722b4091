/** Exceptions first: a few sentences about the last week, each with its cases. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { QualityNotice } from '../../api/quality_watch';
import { useQuarantineSummary } from '../session/quarantine_count';
import { CasesBeside } from './cases_beside';
import { duration } from './figure_words';

function useSentence() {
  const { t, i18n } = useTranslation();
  return ({ kind, outcome, statistic, label, value, count, low, high }: QualityNotice) => {
    const isTime = kind === 'SLOWER' || kind === 'FASTER';
    const write = (number: number | null) =>
      number === null
        ? ''
        : isTime
          ? duration(number, i18n.language)
          : new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 0 }).format(number);
    return t(`watch.notice.${kind}`, {
      label,
      count,
      value: write(value),
      low: write(low),
      high: write(high),
      outcome: outcome ? t(`watch.outcome.${outcome}`) : '',
      statistic: statistic ? t(`watch.statistic.${statistic}`) : '',
    });
  };
}

export function UnusualPanel({ notices }: { notices: readonly QualityNotice[] }) {
  const { t } = useTranslation();
  const sentence = useSentence();
  return (
    <section className="panel figures-panel" aria-label={t('watch.unusual')}>
      <h2>{t('watch.unusual')}</h2>
      <ol className="notices">
        <QuarantineNotice />
        {notices.map((notice) => {
          const told = sentence(notice);
          return (
            <li key={told} className={notice.isUnusual ? 'notice unusual' : 'notice'}>
              <span className="notice-mark" aria-hidden="true">
                {notice.isUnusual ? '▲' : '·'}
              </span>
              <span>{told}</span>
              <CasesBeside of={told} caseIds={notice.caseIds} />
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** What waits too long in quarantine is unusual too, whatever the week. */
function QuarantineNotice() {
  const { t } = useTranslation();
  const summary = useQuarantineSummary();
  if (!summary || summary.overdue === 0) return null;
  return (
    <li className="notice unusual">
      <span className="notice-mark" aria-hidden="true">
        ▲
      </span>
      <Link to="/studies" search={{ tab: 'quarantine' }}>
        {t('quarantine.overdue', { count: summary.overdue, hours: summary.alarmHours })}
      </Link>
    </li>
  );
}
