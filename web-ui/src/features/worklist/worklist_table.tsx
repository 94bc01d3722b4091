import { useTranslation } from 'react-i18next';
import type { CaseRow } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Due } from '../../components/due';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { RegionBars } from './region_bars';

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
          <th scope="col">{t('case.due')}</th>
          <th scope="col" className="wide-only">
            {t('case.waiting')}
          </th>
          <th scope="col">{t('case.patient')}</th>
          <th scope="col">{t('case.modality')}</th>
          <th scope="col">{t('case.description')}</th>
          <th scope="col" className="wide-only">
            {t('case.studyDate')}
          </th>
          <th scope="col">{t('case.stage')}</th>
          <th scope="col" className="wide-only">
            {t('case.model')}
          </th>
          <th scope="col">{t('case.regions')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.id}
            aria-selected={row.id === selected}
            onClick={() => onSelect(row.id)}
            onDoubleClick={() => onOpen(row.id)}
            onKeyDown={(event) => event.key === 'Enter' && onOpen(row.id)}
          >
            <td>{row.availability === 'SIGNED' ? '–' : <Due at={row.dueAt} />}</td>
            <td className="wide-only">
              <Time at={row.queuedAt} />
            </td>
            <td>
              <button type="button" className="row-link" onClick={() => onSelect(row.id)}>
                {personName(row.study.patient.name, i18n.language)}
              </button>
              <span className="muted small mono"> {row.study.patient.patientId}</span>
              <span className="muted small">
                {' '}
                {ageAndSex(row.study.patient, row.study.studyDate)}
              </span>
            </td>
            <td>
              {row.source.modality} {row.source.bodyPartExamined.toLowerCase()}
            </td>
            <td className="clip">{row.study.studyDescription || row.source.seriesDescription}</td>
            <td className="wide-only">{dicomDate(row.study.studyDate)}</td>
            <td>
              <StageBadge value={row.stage} />
            </td>
            <td className="muted wide-only">
              {row.model.name} {row.model.version}
            </td>
            <td>
              <RegionBars row={row} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
