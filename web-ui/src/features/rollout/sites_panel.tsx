/** Sites and their scanners: what is registered, who changed it and why, and what isn't registered. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { removeSiteMutation, type Site, sitesQuery } from '../../api/site_documents';
import type { Deployment } from '../../api/types';
import { History } from '../../components/history';
import { Empty, Fault, Loading, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { hasRole, useViewer } from '../session/session';
import { SiteForm } from './site_form';
import { bySite } from './site_words';
import './sites.css';

interface SitesPanelProps {
  deployments: readonly Deployment[];
}

export function SitesPanel({ deployments }: SitesPanelProps) {
  const { t } = useTranslation();
  const mayChange = hasRole(useViewer(), 'ADMINISTRATOR');
  const asked = useQuery({ queryKey: ['sites'], queryFn: () => ask(sitesQuery, {}) });
  // The site that is being entered; empty where it has no name yet.
  const [entering, setEntering] = useState<string | null>(null);
  const close = () => setEntering(null);
  const sites = asked.data?.sites ?? [];
  const { registered, unregistered, removed } = bySite(sites, deployments);
  return (
    <section className="panel" aria-labelledby="sites-title">
      <h2 id="sites-title">{t('sites.title')}</h2>
      <p className="small muted">{t('sites.means')}</p>
      {asked.isPending && <Loading rows={2} />}
      {asked.isError && <Fault error={asked.error} onRetry={() => void asked.refetch()} />}
      {asked.isSuccess && registered.length === 0 && (
        <Empty title={t('sites.empty.title')}>{t('sites.empty.text')}</Empty>
      )}
      {registered.map(({ site, names }) => (
        <SiteEntry
          key={site.id}
          site={site}
          names={names}
          mayChange={mayChange}
          isEntering={entering === site.name}
          onEnter={() => setEntering(site.name)}
          onClose={close}
        />
      ))}
      {asked.isSuccess &&
        unregistered.map(({ name, names }) => (
          <div key={name} className="site">
            <div className="site-head">
              <h3>{name}</h3>
              <span className="wait">{t('sites.unregistered')}</span>
              <span className="small muted">
                {t('sites.takesAll', { names: names.join(', ') })}
              </span>
              <span className="spring" />
              {mayChange && entering !== name && (
                <button type="button" onClick={() => setEntering(name)}>
                  {t('sites.register', { site: name })}
                </button>
              )}
            </div>
            {entering === name && <SiteForm name={name} scanners={[]} onClose={close} />}
          </div>
        ))}
      {removed.map((site) => (
        <div key={site.id} className="site">
          <div className="site-head muted">
            <h3>{site.name}</h3>
            <span>{t('sites.removed')}</span>
          </div>
          <Versions site={site} />
        </div>
      ))}
      {mayChange && entering === null && (
        <button type="button" onClick={() => setEntering('')}>
          {t('sites.add')}
        </button>
      )}
      {entering === '' && <SiteForm name="" scanners={[]} onClose={close} />}
    </section>
  );
}

interface SiteEntryProps {
  site: Site;
  /** Of its deployments. */
  names: string[];
  mayChange: boolean;
  isEntering: boolean;
  onEnter: () => void;
  onClose: () => void;
}

function SiteEntry(props: SiteEntryProps) {
  const { site, names, mayChange, isEntering, onEnter, onClose } = props;
  const { t } = useTranslation();
  const [removing, setRemoving] = useState(false);
  const isUsed = names.length > 0;
  return (
    <div className="site">
      <div className="site-head">
        <h3>{site.name}</h3>
        <span className="small muted">{isUsed ? names.join(', ') : t('sites.none')}</span>
        <span className="spring" />
        {mayChange && !isEntering && !removing && (
          <>
            <button type="button" onClick={onEnter}>
              {t('sites.change', { site: site.name })}
            </button>
            <button
              type="button"
              className="quiet"
              disabled={isUsed}
              title={isUsed ? t('sites.inUse') : undefined}
              onClick={() => setRemoving(true)}
            >
              {t('sites.remove', { site: site.name })}
            </button>
          </>
        )}
      </div>
      {isEntering ? (
        <SiteForm name={site.name} scanners={site.scanners} onClose={onClose} />
      ) : (
        <Scanners site={site} />
      )}
      {removing && <Removal site={site} onClose={() => setRemoving(false)} />}
      <Versions site={site} />
    </div>
  );
}

function Scanners({ site }: { site: Site }) {
  const { t } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('sites.scanner')}</th>
          <th scope="col">{t('sites.sender')}</th>
          <th scope="col">{t('sites.makerWords')}</th>
        </tr>
      </thead>
      <tbody>
        {site.scanners.map(({ name, sender, makerWords }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className="mono">{sender}</td>
            <td className={makerWords.length === 0 ? 'muted' : undefined}>
              {makerWords.join(', ') || t('sites.any')}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Versions({ site: { versions } }: { site: Site }) {
  const { t } = useTranslation();
  const seen = ({ differing, lookedAt }: Site['versions'][number]) =>
    lookedAt === null ? [] : [t('sites.sawDiffering', { differing, lookedAt })];
  return (
    <History
      summary={t('sites.history', { count: versions.length })}
      versions={versions.map((version) => ({
        number: version.version,
        at: version.changedAt,
        by: version.changedBy,
        changed: [...version.difference, ...seen(version)].join(' · '),
        reason: version.reason,
      }))}
    />
  );
}

function Removal({ site, onClose }: { site: Site; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const remove = useMutation({
    mutationFn: (reason: string) =>
      ask(removeSiteMutation, {
        input: { siteId: site.id, reason, follows: site.versions[0]?.version ?? 0 },
      }),
    onSuccess: ({ removeSite }) => {
      if (!removeSite.site) return;
      toast(t('sites.removedToast', { site: site.name }));
      void queries.invalidateQueries({ queryKey: ['sites'] });
      onClose();
    },
  });
  const refusal = remove.data?.removeSite.refusal;
  return (
    <div className="note">
      <p className="small">{t('sites.removeMeans')}</p>
      <ReasonForm
        label={t('sites.why')}
        action={t('sites.remove', { site: site.name })}
        pending={remove.isPending}
        onAct={(reason) => remove.mutate(reason)}
        onClose={onClose}
      >
        {refusal && <RefusalNote refusal={refusal} />}
        {remove.isError && <Fault error={remove.error} onRetry={() => remove.reset()} />}
      </ReasonForm>
    </div>
  );
}
