/** A model version is put to use: for what and where, seen on the series that came last. It begins at shadow. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { modelsQuery } from '../../api/documents';
import { createDeploymentMutation, dryRunOfNewQuery } from '../../api/rollout_documents';
import type { DryRun, NewDeployment, UseRule } from '../../api/rollout_types';
import type { Site } from '../../api/site_documents';
import { sitesQuery } from '../../api/site_documents';
import type { Deployment } from '../../api/types';
import { Fault, Loading } from '../../components/note';
import { useToast } from '../../components/toast';
import { DRY_RUN_SERIES, DryRunStep, Saving } from './dry_run_step';
import { RuleInputs } from './rule_inputs';

/** What a rule is before anything is typed: every series of a modality. */
const EVERYTHING: UseRule = {
  modality: 'CT',
  bodyParts: [],
  bodyPartWords: [],
  seriesDescriptionContains: [],
  protocolNameContains: [],
  manufacturers: [],
  kernels: [],
  senders: [],
  sliceThicknessMmMin: null,
  sliceThicknessMmMax: null,
  fieldStrengthTMin: null,
  fieldStrengthTMax: null,
  instanceCountMin: 8,
  sharePerMille: null,
  dailyMax: null,
  hours: null,
  priority: 'ROUTINE',
};

/** Percent that can be given back of what a model takes away. */
const TEXTURE_MAX = 100;

/** What is typed as a whole percentage; nothing typed is none. */
const percentOf = (text: string) => Math.min(TEXTURE_MAX, Math.max(0, Math.round(Number(text))));

interface NewDeploymentFormProps {
  /** The version that is put to use, where the person comes from its page. */
  modelId: string | undefined;
  /** What there is already: its sites and pools are offered. */
  deployments: Deployment[];
  onCreated: (id: string) => void;
  onClose: () => void;
}

export function NewDeploymentForm(props: NewDeploymentFormProps) {
  const { deployments, onCreated, onClose } = props;
  const { t } = useTranslation();
  const models = useQuery({ queryKey: ['models'], queryFn: () => ask(modelsQuery, {}) });
  const sites = useQuery({ queryKey: ['sites'], queryFn: () => ask(sitesQuery, {}) });
  const [typed, setTyped] = useState({
    name: '',
    modelId: props.modelId ?? '',
    site: deployments[0]?.site ?? '',
    pool: deployments[0]?.pool ?? 'cpu',
    texturePercent: 0,
  });
  const [rule, setRule] = useState(EVERYTHING);
  const list = models.data?.models ?? [];
  const registered = (sites.data?.sites ?? []).filter((site) => site.isRegistered);
  // A list shows its first entry as chosen.
  const modelId = typed.modelId || (list[0]?.id ?? '');
  const wanted = { ...typed, modelId, name: typed.name.trim(), site: typed.site.trim(), rule };
  const dry = useMutation({
    mutationFn: async () => {
      const { name, site } = wanted;
      const input = { name, modelId, site, rule, series: DRY_RUN_SERIES };
      return (await ask(dryRunOfNewQuery, { input })).dryRunOfNew;
    },
  });
  const edit = (changed: Partial<typeof typed>) => {
    setTyped({ ...typed, ...changed });
    dry.reset();
  };
  if (models.isPending) return <Loading rows={4} />;
  if (models.isError) {
    return <Fault error={models.error} onRetry={() => void models.refetch()} />;
  }
  const complete = wanted.name !== '' && wanted.site !== '' && typed.pool !== '' && modelId !== '';
  return (
    <section className="panel" aria-label={t('newDeployment.title')}>
      <h2>{t('newDeployment.title')}</h2>
      <p className="muted">{t('newDeployment.begins')}</p>
      <div className="fields">
        <label>
          {t('newDeployment.field.name')}
          <input
            className="wide"
            value={typed.name}
            maxLength={80}
            onChange={({ target }) => edit({ name: target.value })}
          />
        </label>
        <label>
          {t('newDeployment.field.model')}
          <select value={modelId} onChange={({ target }) => edit({ modelId: target.value })}>
            {list.map(({ id, name, version, task }) => (
              <option key={id} value={id}>
                {name} {version} · {task}
              </option>
            ))}
          </select>
        </label>
        <Suggested
          label={t('newDeployment.field.site')}
          value={typed.site}
          known={[...registered, ...deployments.map(({ site }) => ({ name: site }))].map(
            ({ name }) => name,
          )}
          onChange={(site) => edit({ site })}
        />
        <Suggested
          label={t('newDeployment.field.pool')}
          value={typed.pool}
          known={deployments.map(({ pool }) => pool)}
          onChange={(pool) => edit({ pool: pool.trim() })}
        />
        <label>
          {t('newDeployment.field.texture')}
          <input
            type="number"
            min={0}
            max={TEXTURE_MAX}
            value={typed.texturePercent}
            aria-describedby="texture-meaning"
            onChange={({ target }) => edit({ texturePercent: percentOf(target.value) })}
          />
        </label>
      </div>
      <p className="small muted" id="texture-meaning">
        {t('newDeployment.texture')}
      </p>
      {sites.isSuccess && wanted.site !== '' && (
        <SiteNote site={registered.find(({ name }) => name === wanted.site)} name={wanted.site} />
      )}
      <h3>{t('newDeployment.wants')}</h3>
      <RuleInputs
        rule={rule}
        onEdit={(changed) => {
          setRule({ ...rule, ...changed });
          dry.reset();
        }}
      />
      <DryRunStep
        dry={dry}
        isNew
        onClose={onClose}
        missing={complete ? undefined : t('newDeployment.missing')}
      >
        {(run) => <Creation wanted={wanted} run={run} onCreated={onCreated} onClose={onClose} />}
      </DryRunStep>
    </section>
  );
}

/** Whose series the deployment can take: those of its site's scanners, where the site is registered. */
function SiteNote({ site, name }: { site: Site | undefined; name: string }) {
  const { t } = useTranslation();
  if (!site) return <p className="small wait">{t('sites.notRegistered', { site: name })}</p>;
  const scanners = site.scanners.map((scanner) => scanner.name).join(', ');
  return <p className="small muted">{t('sites.takesFrom', { site: name, scanners })}</p>;
}

interface SuggestedProps {
  label: string;
  value: string;
  known: string[];
  onChange: (text: string) => void;
}

/** Free text, with what is in use already offered. */
function Suggested({ label, value, known, onChange }: SuggestedProps) {
  const id = useId();
  return (
    <label>
      {label}
      <input
        value={value}
        list={id}
        maxLength={40}
        onChange={({ target }) => onChange(target.value)}
      />
      <datalist id={id}>
        {[...new Set(known)].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

interface CreationProps {
  wanted: Omit<NewDeployment, 'reason' | 'matchedSeen' | 'lookedAt'>;
  run: DryRun;
  onCreated: (id: string) => void;
  onClose: () => void;
}

function Creation({ wanted, run, onCreated, onClose }: CreationProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: (reason: string) =>
      ask(createDeploymentMutation, {
        input: { ...wanted, reason, matchedSeen: run.matched, lookedAt: run.lookedAt },
      }),
    onSuccess: ({ createDeployment: { deployment } }) => {
      if (!deployment) return;
      toast(t('newDeployment.created', { name: deployment.name }));
      void queries.invalidateQueries({ queryKey: ['deployments'] });
      onCreated(deployment.id);
    },
  });
  return (
    <Saving
      run={run}
      label={t('useRule.reason')}
      action={t('newDeployment.create')}
      save={save}
      refusal={save.data?.createDeployment.refusal}
      onClose={onClose}
    />
  );
}
