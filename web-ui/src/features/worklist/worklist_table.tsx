import { useTranslation } from 'react-i18next';
import type { WorklistRow } from '../../api/worklist_documents';
import { Badge, PriorityBadge, StageBadge } from '../../components/badge';
import { Due } from '../../components/due';
import { ageAndSex, personName } from '../../components/patient';
import { dicomDate, Time } from '../../components/time';
import { useTaskWord } from '../people/task_word';
import { Checks } from './checks';
import { modalityOf } from './narrow';
import { RegionBars } from './region_bars';

interface WorklistTableProps {
  rows: readonly WorklistRow[];
  selected: string | null;
  onSelect: (id: string) => void;
  onOpen: (id: string) => void;
}

export function WorklistTable({ rows, selected, onSelect, onOpen }: WorklistTableProps) {
  const { t } = useTranslation();
  return (
    <table className="case-table">
      <caption className="visually-hidden">{t('worklist.caption')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('case.priority')}</th>
          <th scope="col">{t('case.due')}</th>
          <th scope="col">{t('worklist.forMe')}</th>
          <th scope="col">{t('case.modality')}</th>
          <th scope="col">{t('people.use')}</th>
          <th scope="col">{t('case.patient')}</th>
          <th scope="col" className="wide-only">
            {t('case.description')}
          </th>
          <th scope="col" className="wider-only">
            {t('case.studyDate')}
          </th>
          <th scope="col" className="widest-only">
            {t('case.accession')}
          </th>
          <th scope="col" className="widest-only">
            {t('case.scanner')}
          </th>
          <th scope="col" className="wide-only">
            {t('case.checks')}
          </th>
          <th scope="col">{t('case.regions')}</th>
          <th scope="col" className="wide-only">
            {t('case.priors')}
          </th>
          <th scope="col" className="wider-only">
            {t('case.waiting')}
          </th>
          <th scope="col" className="wider-only">
            {t('case.model')}
          </th>
          <th scope="col">{t('case.stage')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <CaseRow
            key={row.id}
            row={row}
            selected={row.id === selected}
            onSelect={() => onSelect(row.id)}
            onOpen={() => onOpen(row.id)}
          />
        ))}
      </tbody>
    </table>
  );
}

interface CaseRowProps {
  row: WorklistRow;
  selected: boolean;
  onSelect: () => void;
  onOpen: () => void;
}

function CaseRow({ row, selected, onSelect, onOpen }: CaseRowProps) {
  const { t, i18n } = useTranslation();
  const wordOf = useTaskWord();
  const { study, source, model } = row;
  return (
    <tr
      aria-selected={selected}
      onClick={onSelect}
      onDoubleClick={onOpen}
      onKeyDown={(event) => event.key === 'Enter' && onOpen()}
    >
      <td>
        <PriorityBadge value={row.priority} />
      </td>
      <td>
        <Due of={row} />
      </td>
      <td>
        <ForMe row={row} />
      </td>
      <td>{modalityOf(row)}</td>
      <td>{wordOf(model.task)}</td>
      <td>
        <button type="button" className="row-link" onClick={onSelect}>
          {personName(study.patient.name, i18n.language)}
        </button>
        <span className="muted small mono"> {study.patient.patientId}</span>
        <span className="muted small"> {ageAndSex(study.patient, study.studyDate)}</span>
      </td>
      <td className="clip wide-only">{study.studyDescription || source.seriesDescription}</td>
      <td className="wider-only">{dicomDate(study.studyDate)}</td>
      <td className="mono widest-only">{study.accessionNumber}</td>
      <td className="clip widest-only">{source.manufacturer}</td>
      <td className="wide-only">
        <Checks scores={row.scores} />
      </td>
      <td>
        <RegionBars row={row} />
      </td>
      <td className="wide-only">
        {row.priorCount || <span className="muted">{t('case.noPriors')}</span>}
      </td>
      <td className="wider-only">
        <Time at={row.queuedAt} />
      </td>
      <td className="muted wider-only">
        {row.isModelHidden ? t('case.modelHidden') : `${model.name} ${model.version}`}
      </td>
      <td>
        <StageBadge value={row.stage} />
      </td>
    </tr>
  );
}

/** How the case stands for this reader, and nothing of how it stands for others. */
function ForMe({ row }: { row: WorklistRow }) {
  const { t } = useTranslation();
  if (row.availability === 'MINE') {
    return (
      <Badge icon="pen" tone="wait">
        {t(row.draft ? 'worklist.state.draft' : 'worklist.state.mine')}
      </Badge>
    );
  }
  return (
    <Badge icon="circle" tone="plain">
      {t(row.draft ? 'worklist.state.returned' : 'worklist.state.available')}
    </Badge>
  );
}
