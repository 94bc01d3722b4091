/** What the selected case is, before it is opened. No image: the original is seen first and alone, in the room. */
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { declareOwnConflictMutation } from '../../api/oversight_documents';
import type { WorklistRow } from '../../api/worklist_documents';
import { Act } from '../../components/act';
import { PriorityBadge, StageBadge } from '../../components/badge';
import { Due } from '../../components/due';
import { ageAndSex, inARow, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { useTaskWord } from '../people/task_word';
import { Checks } from './checks';
import { RegionBars } from './region_bars';

export function CasePanel({ row, onOpen }: { row: WorklistRow; onOpen: () => void }) {
  const { t, i18n } = useTranslation();
  const { study, source, model, scores, deployment } = row;
  const wordOf = useTaskWord();
  const score = (value: number | null | undefined) =>
    value === null || value === undefined ? t('common.none') : value.toFixed(2);
  return (
    <aside className="case-panel" aria-label={t('worklist.selection')}>
      <h2>{personName(study.patient.name, i18n.language)}</h2>
      <p className="muted">
        {inARow(
          study.patient.patientId,
          ageAndSex(study.patient, study.studyDate),
          dicomDate(study.studyDate),
          `${source.modality} ${source.bodyPartExamined.toLowerCase()}`,
        )}
      </p>
      <button type="button" onClick={onOpen}>
        {t('worklist.open')}
      </button>
      <OwnConflict caseId={row.id} />
      {deployment.banner && <p className="note note-wait">{deployment.banner}</p>}
      <dl className="facts">
        <dt>{t('case.description')}</dt>
        <dd>{study.studyDescription || t('common.none')}</dd>
        <dt>{t('case.series')}</dt>
        <dd>{source.seriesDescription || t('common.none')}</dd>
        <dt>{t('case.scanner')}</dt>
        <dd>{source.manufacturer || t('common.none')}</dd>
        <dt>{t('case.sliceThickness')}</dt>
        <dd>
          {source.sliceThicknessMm === null ? t('common.none') : `${source.sliceThicknessMm} mm`}
        </dd>
        <dt>{t('case.accession')}</dt>
        <dd className="mono">{study.accessionNumber || t('common.none')}</dd>
        <dt>{t('people.use')}</dt>
        <dd>{wordOf(model.task)}</dd>
        <dt>{t('case.priority')}</dt>
        <dd>
          <PriorityBadge value={row.priority} />
        </dd>
        <dt>{t('case.due')}</dt>
        <dd>
          <Due of={row} />
        </dd>
        <dt>{t('case.waiting')}</dt>
        <dd>
          <Time at={row.queuedAt} />
        </dd>
        <dt>{t('case.deployment')}</dt>
        <dd>{row.isModelHidden ? t('case.modelHidden') : deployment.name}</dd>
        <dt>{t('case.stage')}</dt>
        <dd>
          <StageBadge value={row.stage} />
        </dd>
        <dt>{t('case.model')}</dt>
        <dd>{row.isModelHidden ? t('case.modelHidden') : `${model.name} ${model.version}`}</dd>
        <dt>{t('case.checks')}</dt>
        <dd>
          <Checks scores={scores} />
        </dd>
        <dt>{t('case.domain')}</dt>
        <dd>{score(scores?.domain)}</dd>
        <dt>{t('case.consistency')}</dt>
        <dd>{score(scores?.consistency)}</dd>
        <dt>{t('case.agreement')}</dt>
        <dd>{score(scores?.agreement)}</dd>
        <dt>{t('case.regions')}</dt>
        <dd>
          <RegionBars row={row} />
        </dd>
        <dt>{t('case.priors')}</dt>
        <dd>{row.priorCount || t('case.noPriors')}</dd>
      </dl>
    </aside>
  );
}

/** A reader says so before opening the case, or at any time until it is signed. */
function OwnConflict({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  return (
    <Act
      word={t('people.conflict.own.act')}
      meaning={t('people.conflict.own.meaning')}
      reason={t('people.conflict.own.reason')}
      done={t('people.conflict.own.done')}
      run={async (reason) =>
        (await ask(declareOwnConflictMutation, { input: { caseId, reason } })).declareOwnConflict
          .refusal
      }
      onDone={() => void queries.invalidateQueries({ queryKey: ['worklist'] })}
    />
  );
}
