/** Drift, and what the map of uncertainty and the domain score were worth. */
import { useTranslation } from 'react-i18next';
import type { QualityWatch } from '../../api/quality_watch';
import type { Measured } from '../../api/types';
import { CasesBeside } from './cases_beside';
import { Definition } from './definition';
import { coefficient, percent } from './figure_words';

function Heading({ of, watch }: { of: 'drift' | 'flagged' | 'domain'; watch: QualityWatch }) {
  const { t } = useTranslation();
  const label = t(`watch.${of}`);
  return (
    <h2 className="heading-with-definition">
      {label}
      <Definition of={of} label={label} definitions={watch.definitions} />
    </h2>
  );
}

/** A chance; tiny ones by their bound. */
function chance(value: number, language: string): string {
  return value < 0.001 ? `< ${new Intl.NumberFormat(language).format(0.001)}` : value.toFixed(3);
}

export function DriftPanel({ watch }: { watch: QualityWatch }) {
  const { t, i18n } = useTranslation();
  const { drift, driftJointlyP, alarms, minimum } = watch;
  return (
    <section className="panel figures-panel" aria-label={t('watch.drift')}>
      <Heading of="drift" watch={watch} />
      {drift.length === 0 ? (
        <p className="muted">{t('watch.noDrift', { minimum })}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('watch.statisticHeading')}</th>
              {(['reference', 'recent', 'psi', 'p', 'q'] as const).map((name) => (
                <th key={name} scope="col" className="number">
                  {t(`watch.${name}`)}
                </th>
              ))}
              <th scope="col">{t('watch.found')}</th>
            </tr>
          </thead>
          <tbody>
            {drift.map((row) => {
              const name = t(`watch.statistic.${row.statistic}`);
              return (
                <tr key={row.statistic}>
                  <th scope="row">{name}</th>
                  <td className="number">{row.reference}</td>
                  <td className="number">{row.recent}</td>
                  <td className="number">{coefficient(row.psi, i18n.language)}</td>
                  <td className="number">{chance(row.p, i18n.language)}</td>
                  <td className="number">{chance(row.q, i18n.language)}</td>
                  <td>
                    {row.isChanged ? `▲ ${t('watch.changed')} ` : t('watch.same')}
                    <CasesBeside of={name} caseIds={row.caseIds} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {driftJointlyP !== null && (
        <p className="muted small">
          {t('watch.jointly', { p: chance(driftJointlyP, i18n.language) })}
        </p>
      )}
      <h3 className="heading-with-definition">
        {t('watch.alarms')}
        <Definition of="alarms" label={t('watch.alarms')} definitions={watch.definitions} />
      </h3>
      {alarms.length === 0 && <p className="muted">{t('watch.noAlarm')}</p>}
      <ul className="notices">
        {alarms.map((alarm) => {
          const told = t('watch.at', {
            statistic: t(`watch.statistic.${alarm.statistic}`),
            share: percent(alarm.share, i18n.language),
            at: new Date(alarm.at).toLocaleString(i18n.language),
          });
          return (
            <li key={alarm.caseId} className="notice unusual">
              <span className="notice-mark" aria-hidden="true">
                ▲
              </span>
              <span>{told}</span>
              <CasesBeside of={told} caseIds={[alarm.caseId]} />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function useShare() {
  const { t, i18n } = useTranslation();
  return (share: Measured | null, count: number, minimum: number) => {
    if (count < minimum) return t('watch.tooFew', { minimum });
    if (!share) return '–';
    const write = (value: number) => percent(value, i18n.language);
    const { value, low, high } = share;
    return low === null || high === null
      ? write(value)
      : `${write(value)} [${write(low)}, ${write(high)}]`;
  };
}

export function FlaggedPanel({ watch }: { watch: QualityWatch }) {
  const { t, i18n } = useTranslation();
  const share = useShare();
  const volume = (cm3: number) =>
    `${new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 }).format(cm3)} cm³`;
  return (
    <section className="panel figures-panel" aria-label={t('watch.flagged')}>
      <Heading of="flagged" watch={watch} />
      <table>
        <thead>
          <tr>
            {(['model', 'count', 'findings', 'inside', 'volume'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`watch.${name}`)}
              </th>
            ))}
            <th scope="col">{t('watch.cases')}</th>
          </tr>
        </thead>
        <tbody>
          {watch.flagged.map((row) => (
            <tr key={row.label}>
              <th scope="row">{row.label}</th>
              <td>{row.count}</td>
              <td>{row.findings}</td>
              <td>{share(row.inside, row.count, watch.minimum)}</td>
              <td>{row.flaggedCm3 === null ? '–' : volume(row.flaggedCm3)}</td>
              <td>
                <CasesBeside of={row.label} caseIds={row.caseIds} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Heading of="domain" watch={watch} />
      <table>
        <thead>
          <tr>
            {(['score', 'count', 'rate'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`watch.${name}`)}
              </th>
            ))}
            <th scope="col">{t('watch.cases')}</th>
          </tr>
        </thead>
        <tbody>
          {watch.domain.map((row) => {
            const band = `${row.from} – ${row.to}`;
            return (
              <tr key={band}>
                <th scope="row">{band}</th>
                <td>{row.count}</td>
                <td>{share(row.rate, row.count, watch.minimum)}</td>
                <td>
                  <CasesBeside of={band} caseIds={row.caseIds} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
