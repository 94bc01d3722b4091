/** What other scanners of a site would mean: for which deployments, and for which of the series that came last. */
import { useTranslation } from 'react-i18next';
import type { SitePreview, SiteSeries } from '../../api/site_documents';
import { StageBadge } from '../../components/badge';
import { Time } from '../../components/time';

interface SitePreviewViewProps {
  site: string;
  preview: SitePreview;
}

export function SitePreviewView({ site, preview }: SitePreviewViewProps) {
  const { t } = useTranslation();
  const { deployments, series, difference, differing, lookedAt } = preview;
  return (
    <>
      <ul className="plain">
        {difference.map((line) => (
          <li key={line}>
            <code>{line}</code>
          </li>
        ))}
      </ul>
      {deployments.length === 0 ? (
        <p>{t('sites.concernsNone', { site })}</p>
      ) : (
        <>
          <p className={differing > 0 ? 'wait' : undefined}>
            {t('sites.summary', { differing, lookedAt })}
          </p>
          <table>
            <caption className="small muted">{t('sites.concerns', { site })}</caption>
            <thead>
              <tr>
                <th scope="col">{t('sites.deployment')}</th>
                <th scope="col" className="number">
                  {t('sites.takesNow')}
                </th>
                <th scope="col" className="number">
                  {t('sites.wouldTake')}
                </th>
              </tr>
            </thead>
            <tbody>
              {deployments.map(({ deploymentId, name, stage, matchedNow, matched }) => (
                <tr key={deploymentId}>
                  <th scope="row">
                    {name} <StageBadge value={stage} />
                  </th>
                  <td className="number">{matchedNow}</td>
                  <td className="number">{matched}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
      {series.length > 0 && <Differing series={series} />}
    </>
  );
}

function Differing({ series }: { series: readonly SiteSeries[] }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('sites.series')}</th>
          <th scope="col">{t('sites.sender')}</th>
          <th scope="col">{t('sites.makerWords')}</th>
          <th scope="col">{t('sites.wouldTake')}</th>
        </tr>
      </thead>
      <tbody>
        {series.map((row) => (
          <tr key={row.seriesId}>
            <td>
              {row.seriesDescription || '–'}{' '}
              <span className="small muted">
                <Time at={row.routedAt} />
              </span>
            </td>
            <td className="mono">{row.sender}</td>
            <td>
              {row.manufacturer} <span className="muted">{row.manufacturerModelName}</span>
            </td>
            <td className="small">
              {row.gainedBy.length > 0 && t('sites.gained', { names: row.gainedBy.join(', ') })}{' '}
              {row.lostBy.length > 0 && (
                <span className="wait">{t('sites.lost', { names: row.lostBy.join(', ') })}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
