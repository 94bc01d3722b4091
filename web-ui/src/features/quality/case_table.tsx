import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CaseRow } from '../../api/types';
import { CaseStateBadge, StageBadge } from '../../components/badge';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';

export function CaseTable({ rows }: { rows: readonly CaseRow[] }) {
  const { t, i18n } = useTranslation();
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{t('case.patient')}</th>
          <th scope="col">{t('case.ageSex')}</th>
          <th scope="col">{t('case.modality')}</th>
          <th scope="col">{t('case.studyDate')}</th>
          <th scope="col">{t('case.state')}</th>
          <th scope="col">{t('case.stage')}</th>
          <th scope="col">{t('case.model')}</th>
          <th scope="col">{t('case.deployment')}</th>
          <th scope="col">{t('case.queued')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <Link to="/cases/$caseId" params={{ caseId: row.id }}>
                {personName(row.study.patient.name, i18n.language)}
              </Link>
              <span className="muted small mono"> {row.study.patient.patientId}</span>
            </td>
            <td>{ageAndSex(row.study.patient, row.study.studyDate)}</td>
            <td>
              {row.source.modality} {row.source.bodyPartExamined.toLowerCase()}
            </td>
            <td>{dicomDate(row.study.studyDate)}</td>
            <td>{row.state ? <CaseStateBadge value={row.state} /> : t('common.none')}</td>
            <td>
              <StageBadge value={row.stage} />
            </td>
            <td>
              {row.model.name} {row.model.version}
            </td>
            <td>{row.deployment.name}</td>
            <td>
              <Time at={row.queuedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
