/** One study: its series, which deployment took them, how far each run is. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { flagStudyMutation, unflagStudyMutation } from '../../api/documents';
import type { RuleOutcome, Run, Series, SeriesState, Study, StudyFlag } from '../../api/types';
import { Act } from '../../components/act';
import { Badge } from '../../components/badge';
import { Copyable } from '../../components/copyable';
import type { IconName } from '../../components/icon';
import { ageAndSex, patientIdOf, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';

const SERIES_STATE: Record<SeriesState, [IconName, 'good' | 'wait' | 'plain']> = {
  RECEIVING: ['clock', 'plain'],
  READY: ['check', 'good'],
  PARKED: ['pause', 'wait'],
};

export function StudyPanel({ study, flag }: { study: Study; flag: StudyFlag | null }) {
  const { t, i18n } = useTranslation();
  return (
    <article className="panel">
      <header className="study-head">
        <h2>{personName(study.patient.name, i18n.language)}</h2>
        <span className="mono muted">{patientIdOf(study.patient)}</span>
        <span className="muted">{ageAndSex(study.patient, study.studyDate)}</span>
        <span>
          {dicomDate(study.studyDate)} · {study.studyDescription}
        </span>
        <span className="spring" />
        <Copyable text={study.id} length={18} />
        <span className="muted small">
          <Time at={study.receivedAt} />
        </span>
      </header>
      <Investigation study={study} flag={flag} />
      <table>
        <thead>
          <tr>
            <th scope="col">{t('studies.series')}</th>
            <th scope="col">{t('case.modality')}</th>
            <th scope="col">{t('case.scanner')}</th>
            <th scope="col" className="number">
              {t('studies.instances')}
            </th>
            <th scope="col">{t('studies.state')}</th>
            <th scope="col">{t('studies.became')}</th>
          </tr>
        </thead>
        <tbody>
          {study.series.map((series) => (
            <SeriesRow key={series.id} series={series} />
          ))}
        </tbody>
      </table>
    </article>
  );
}

/** Whether something is wrong with the study, and the act that stops all of it. */
function Investigation({ study, flag }: { study: Study; flag: StudyFlag | null }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const mayAct = hasRole(useViewer(), 'COORDINATOR', 'QUALITY');
  const again = () => void queries.invalidateQueries({ queryKey: ['study-flags'] });
  const input = { studyId: study.id };
  return (
    <div className="row-actions">
      {flag && (
        <>
          <Badge icon="warning" tone="wait">
            {t('steer.flagged')}
          </Badge>
          <span>
            {flag.reason}{' '}
            <span className="muted small">
              <Time at={flag.placedAt} />
            </span>
          </span>
        </>
      )}
      {mayAct && !flag && (
        <Act
          word={t('steer.act.flag')}
          meaning={t('steer.meaning.flag')}
          reason={t('steer.reason')}
          done={t('steer.did.flag')}
          run={async (reason) =>
            (await ask(flagStudyMutation, { input: { ...input, reason } })).flagStudy.refusal
          }
          onDone={again}
        />
      )}
      {mayAct && flag && (
        <Act
          word={t('steer.act.unflag')}
          meaning={t('steer.meaning.unflag')}
          done={t('steer.did.unflag')}
          run={async () => (await ask(unflagStudyMutation, { input })).unflagStudy.refusal}
          onDone={again}
        />
      )}
    </div>
  );
}

function SeriesRow({ series }: { series: Series }) {
  const { t } = useTranslation();
  const [icon, tone] = SERIES_STATE[series.state];
  return (
    <tr>
      <td>
        {series.seriesNumber ?? '–'} · {series.seriesDescription || t('common.none')}
        <div className="muted small">
          {t('studies.from')} <span className="mono">{series.sender}</span>
        </div>
      </td>
      <td>
        {series.modality} {series.bodyPartExamined.toLowerCase()}
        <div className="muted small">
          {series.sliceThicknessMm === null ? '' : `${series.sliceThicknessMm} mm `}
          {series.fieldStrengthT === null ? '' : `${series.fieldStrengthT} T `}
          {series.convolutionKernel}
        </div>
      </td>
      <td>
        {series.manufacturer} <span className="muted">{series.manufacturerModelName}</span>
      </td>
      <td className="number">{series.instanceCount}</td>
      <td>
        <Badge icon={icon} tone={tone}>
          {t(`seriesState.${series.state}`)}
        </Badge>
        {series.parkedReason && <div className="small wait">{series.parkedReason}</div>}
      </td>
      <td>
        <Outcome series={series} />
      </td>
    </tr>
  );
}

function Outcome({ series }: { series: Series }) {
  const { t } = useTranslation();
  if (series.routing.length === 0) return <span className="muted">{t('studies.notYet')}</span>;
  return (
    <ul className="outcomes">
      {series.routing.map((outcome) => (
        <li key={outcome.deployment}>
          <RuleLine outcome={outcome} />
          {series.runs
            .filter((run) => run.deployment === outcome.deployment)
            .map((run) => (
              <RunLine key={run.id} run={run} />
            ))}
        </li>
      ))}
    </ul>
  );
}

function RuleLine({ outcome }: { outcome: RuleOutcome }) {
  const { t } = useTranslation();
  return outcome.matched ? (
    <Badge icon="check" tone="good">
      {t('studies.matched', { name: outcome.name })}
    </Badge>
  ) : (
    <span className="muted small">
      {t('studies.notMatched', { name: outcome.name, rule: outcome.failedRule ?? '' })}
    </span>
  );
}

function RunLine({ run }: { run: Run }) {
  const { t } = useTranslation();
  return (
    <div className="run small">
      <progress
        max={1}
        value={run.state === 'COMPLETED' ? 1 : run.progress}
        aria-label={t('studies.progress')}
      />
      <span>{t(`runState.${run.state}`)}</span>
      {run.attempt > 1 && (
        <span className="muted">{t('studies.attempt', { number: run.attempt })}</span>
      )}
      {run.failure && <span className="bad">{run.failure}</span>}
    </div>
  );
}
