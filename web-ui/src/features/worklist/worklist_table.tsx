import { useTranslation } from 'react-i18next';
import type { CaseRow } from '../../api/types';
import { AvailabilityBadge, StageBadge } from '../../components/badge';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';

interface WorklistTableProps {
  rows: readonly CaseRow[];
  selected: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

export function WorklistTable({ rows, selected, onSelect, onOpen }: WorklistTableProps) {
  const { t, i18n } = useTranslation();
  return (
    <table className="case-table">
      <caption className="visually-hidden">{t('worklist.caption')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('case.waiting')}</th>
          <th scope="col">{t('case.forMe')}</th>
          <th scope="col">{t('case.patient')}</th>
          <th scope="col">{t('case.ageSex')}</th>
          <th scope="col">{t('case.modality')}</th>
          <th scope="col">{t('case.description')}</th>
          <th scope="col">{t('case.studyDate')}</th>
          <th scope="col">{t('case.stage')}</th>
          <th scope="col">{t('case.model')}</th>
          <th scope="col" className="number">
            {t('case.regions')}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            aria-selected={row.id === selected}
            onClick={() => onSelect(row.id)}
            onDoubleClick={() => onOpen(row.id)}
          >
            <td>
              <Time at={row.queuedAt} />
            </td>
            <td>
              <AvailabilityBadge value={row.availability} />
            </td>
            <td>
              <button type="button" className="row-link" onClick={() => onSelect(row.id)}>
                {personName(row.study.patient.name, i18n.language)}
              </button>
              <span className="muted small mono"> {row.study.patient.patientId}</span>
            </td>
            <td>{ageAndSex(row.study.patient, row.study.studyDate)}</td>
            <td>
              {row.source.modality} {row.source.bodyPartExamined.toLowerCase()}
            </td>
            <td className="clip">{row.study.studyDescription || row.source.seriesDescription}</td>
            <td>{dicomDate(row.study.studyDate)}</td>
            <td>
              <StageBadge value={row.stage} />
            </td>
            <td className="muted">
              {row.model.name} {row.model.version}
            </td>
            <td className="number">{row.regions.length}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
