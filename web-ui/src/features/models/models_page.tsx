/** Models as they are: what for, how far, with which numbers, within which limits. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import Markdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { ask } from '../../api/client';
import { modelsQuery } from '../../api/documents';
import type { Model } from '../../api/types';
import { Copyable } from '../../components/copyable';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { writtenUnit } from '../../components/unit';
import { hasRole, useViewer } from '../session/session';
import { ImportForm } from './import_form';
import { MetricsTable } from './metrics_table';
import './models.css';

export function ModelsPage() {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [chosen, setChosen] = useState<string | null>(null);
  const models = useQuery({ queryKey: ['models'], queryFn: () => ask(modelsQuery, {}) });
  if (models.isPending) {
    return (
      <main className="page">
        <Loading rows={6} />
      </main>
    );
  }
  if (models.isError) {
    return (
      <main className="page">
        <Fault error={models.error} onRetry={() => void models.refetch()} />
      </main>
    );
  }
  const list = models.data.models;
  const model = list.find(({ id }) => id === chosen) ?? list[0];
  return (
    <main className="page">
      <div className="page-head">
        <h1>{t('nav.models')}</h1>
        <div className="tabs">
          {list.map(({ id, name, version }) => (
            <button
              key={id}
              type="button"
              aria-pressed={id === model?.id}
              onClick={() => setChosen(id)}
            >
              {name} {version}
            </button>
          ))}
        </div>
      </div>
      {hasRole(viewer, 'ADMINISTRATOR') && <ImportForm onImported={setChosen} />}
      {model ? (
        <ModelPanel model={model} />
      ) : (
        <Empty title={t('models.empty.title')}>{t('models.empty.text')}</Empty>
      )}
    </main>
  );
}

function ModelPanel({ model }: { model: Model }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  return (
    <div className="model">
      <section className="panel card">
        <Markdown remarkPlugins={[remarkGfm]}>{model.card}</Markdown>
      </section>
      <div className="model-side">
        <section className="panel">
          <div className="page-head">
            <h2>{t('models.facts')}</h2>
            <span className="spring" />
            {hasRole(viewer, 'ADMINISTRATOR') && (
              <Link to="/rollout" search={{ use: model.id }}>
                {t('newDeployment.openFor')}
              </Link>
            )}
            {hasRole(viewer, 'QUALITY', 'ADJUDICATOR') && (
              <Link to="/recalls" search={{ model: model.id }}>
                {t('recalls.openFor')}
              </Link>
            )}
          </div>
          <dl className="facts">
            <dt>{t('models.task')}</dt>
            <dd>{model.task}</dd>
            <dt>{t('models.intendedUse')}</dt>
            <dd>{model.intendedUse}</dd>
            <dt>{t('models.qualification')}</dt>
            <dd>{model.contentQualification}</dd>
            {model.regulatoryReference && (
              <>
                <dt>{t('models.regulatoryReference')}</dt>
                <dd>{model.regulatoryReference}</dd>
              </>
            )}
            <dt>{t('models.publisher')}</dt>
            <dd>{model.publisher ?? t('models.installed')}</dd>
            {model.manifest && (
              <>
                <dt>{t('models.manifest')}</dt>
                <dd>
                  <Copyable text={model.manifest} />
                </dd>
              </>
            )}
            <dt>{t('models.trained')}</dt>
            <dd>{model.trainingSubjects.join(', ') || t('models.notStated')}</dd>
            <dt>{t('models.calibration')}</dt>
            <dd>{t('models.subjects', { count: model.calibrationSubjects })}</dd>
            <dt>{t('models.range')}</dt>
            <dd>
              0 … {model.uncertaintyRange} {writtenUnit(model.unit)}
            </dd>
            <dt>{t('models.weights')}</dt>
            <dd>
              <Copyable text={model.weights} />
            </dd>
            <dt>{t('models.registered')}</dt>
            <dd>
              <Time at={model.registeredAt} />
            </dd>
          </dl>
        </section>
        <section className="panel">
          <h2>{t('models.limits')}</h2>
          <ul className="limits">
            {model.limits.map((limit) => (
              <li key={limit}>{limit}</li>
            ))}
          </ul>
        </section>
      </div>
      {model.licence && (
        <details className="panel model-metrics">
          <summary>{t('models.licence')}</summary>
          <pre className="licence">{model.licence}</pre>
        </details>
      )}
      <section className="panel model-metrics">
        <h2>{t('models.metrics')}</h2>
        <MetricsTable metrics={model.metrics} />
      </section>
    </div>
  );
}
