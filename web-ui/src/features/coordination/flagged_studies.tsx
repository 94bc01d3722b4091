/** Studies under investigation: nothing of them is read on or sent. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { studyFlagsQuery, unflagStudyMutation } from '../../api/documents';
import type { SteeredCase } from '../../api/oversight_types';
import type { StudyFlag } from '../../api/types';
import { Act } from '../../components/act';
import { Copyable } from '../../components/copyable';
import { Empty, Fault } from '../../components/note';
import { inARow, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';

export function FlaggedStudies({ cases }: { cases: readonly SteeredCase[] }) {
  const { t } = useTranslation();
  const flags = useQuery({ queryKey: ['study-flags'], queryFn: () => ask(studyFlagsQuery, {}) });
  const found = flags.data?.studyFlags ?? [];
  return (
    <section className="panel" aria-labelledby="flagged-studies">
      <h2 id="flagged-studies">{t('coordination.flagged.title')}</h2>
      {flags.isError && <Fault error={flags.error} onRetry={() => void flags.refetch()} />}
      {flags.isSuccess && found.length === 0 && (
        <Empty title={t('coordination.flagged.none.title')}>
          {t('coordination.flagged.none.text')}
        </Empty>
      )}
      {found.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">{t('coordination.flagged.study')}</th>
              <th scope="col">{t('steer.reason')}</th>
              <th scope="col">{t('coordination.flagged.since')}</th>
              <th scope="col">{t('coordination.flagged.open')}</th>
              <th scope="col">{t('coordination.flagged.act')}</th>
            </tr>
          </thead>
          <tbody>
            {found.map((flag) => (
              <FlaggedStudy
                key={flag.studyId}
                flag={flag}
                cases={cases.filter(({ study }) => study.id === flag.studyId)}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function FlaggedStudy({ flag, cases }: { flag: StudyFlag; cases: readonly SteeredCase[] }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const mayAct = hasRole(useViewer(), 'COORDINATOR', 'QUALITY');
  const study = cases[0]?.study;
  const name = study ? personName(study.patient.name, i18n.language) : flag.studyId;
  return (
    <tr>
      <td>
        {study ? (
          <>
            {name}
            <div className="muted small">
              {inARow(study.patient.patientId, dicomDate(study.studyDate), study.studyDescription)}
            </div>
          </>
        ) : (
          <Copyable text={flag.studyId} length={20} />
        )}
      </td>
      <td>{flag.reason}</td>
      <td>
        <Time at={flag.placedAt} />
      </td>
      <td className="number">{cases.length}</td>
      <td>
        {mayAct && (
          <Act
            word={t('steer.act.unflag')}
            label={t('coordination.flagged.endOf', { name })}
            meaning={t('steer.meaning.unflag')}
            done={t('steer.did.unflag')}
            run={async () =>
              (await ask(unflagStudyMutation, { input: { studyId: flag.studyId } })).unflagStudy
                .refusal
            }
            onDone={() => {
              void queries.invalidateQueries({ queryKey: ['study-flags'] });
              void queries.invalidateQueries({ queryKey: ['open-cases'] });
            }}
          />
        )}
      </td>
    </tr>
  );
}
