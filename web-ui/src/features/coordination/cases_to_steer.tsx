import { useTranslation } from 'react-i18next';
import type { SteeredCase } from '../../api/oversight_types';
import { Badge, CaseStateBadge, PriorityBadge } from '../../components/badge';
import { Due } from '../../components/due';
import type { IconName } from '../../components/icon';
import { ageAndSex, inARow, personName } from '../../components/patient';
import { Time } from '../../components/time';
import { useHoldWord } from '../quality/hold_word';
import { type Concern, type Concerned, isOpen } from './open_cases';

const LOOKS: Record<Concern, [IconName, 'bad' | 'wait' | 'plain']> = {
  recallToConfirm: ['warning', 'bad'],
  recallToEvaluate: ['warning', 'bad'],
  lacksReaders: ['warning', 'bad'],
  overdue: ['warning', 'bad'],
  deferred: ['pause', 'wait'],
  held: ['pause', 'wait'],
  dueSoon: ['clock', 'wait'],
  untaken: ['question', 'wait'],
};

interface CasesToSteerProps {
  rows: readonly Concerned<SteeredCase>[];
  selected: string | null;
  onSelect: (id: string) => void;
}

export function CasesToSteer({ rows, selected, onSelect }: CasesToSteerProps) {
  const { t } = useTranslation();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a table that is wider than its place is scrolled by keys
    <section className="table-scroll" tabIndex={0} aria-label={t('coordination.caption')}>
      <table className="case-table">
        <caption className="visually-hidden">{t('coordination.caption')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('case.priority')}</th>
            <th scope="col">{t('case.due')}</th>
            <th scope="col">{t('case.patient')}</th>
            <th scope="col">{t('case.state')}</th>
            <th scope="col">{t('coordination.wants')}</th>
            <th scope="col">{t('case.modality')}</th>
            <th scope="col">{t('case.deployment')}</th>
            <th scope="col">{t('case.waiting')}</th>
            <th scope="col">{t('steer.expires')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <CaseToSteer
              key={row.found.id}
              row={row}
              selected={row.found.id === selected}
              onSelect={() => onSelect(row.found.id)}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface CaseToSteerProps {
  row: Concerned<SteeredCase>;
  selected: boolean;
  onSelect: () => void;
}

function CaseToSteer({ row: { found, concerns }, selected, onSelect }: CaseToSteerProps) {
  const { t, i18n } = useTranslation();
  const { study, source } = found;
  const open = isOpen(found);
  return (
    <tr aria-selected={selected} onClick={onSelect}>
      <td>
        <PriorityBadge value={found.priority} />
      </td>
      <td>{open ? <Due of={found} /> : '–'}</td>
      <td>
        <button type="button" className="row-link" onClick={onSelect}>
          {personName(study.patient.name, i18n.language)}
        </button>
        <div className="muted small">
          {inARow(study.patient.patientId, ageAndSex(study.patient, study.studyDate))}
        </div>
      </td>
      <td>{found.state ? <CaseStateBadge value={found.state} /> : t('common.none')}</td>
      <td className="wanted">
        <Wanted found={found} concerns={concerns} />
      </td>
      <td>
        {source.modality} {source.bodyPartExamined.toLowerCase()}
      </td>
      <td className="clip">{found.deployment.name}</td>
      <td>
        <Time at={found.queuedAt} />
      </td>
      <td>{open ? <Time at={found.expiresAt} /> : '–'}</td>
    </tr>
  );
}

function Wanted({ found, concerns }: Concerned<SteeredCase>) {
  const { t } = useTranslation();
  const wordOf = useHoldWord();
  const reasons = [
    ...found.holds.map(({ reasonCode, reason }) => inARow(wordOf(reasonCode), reason)),
    ...found.deferrals.map(({ reason }) => inARow(t('steer.deferral'), reason)),
    ...(found.recall && !found.recall.confirmedAt ? [found.recall.reason] : []),
  ];
  if (concerns.length === 0) return <span className="muted">{t('coordination.nothing')}</span>;
  return (
    <>
      <span className="concerns">
        {concerns.map((concern) => (
          <Badge key={concern} icon={LOOKS[concern][0]} tone={LOOKS[concern][1]}>
            {t(`coordination.concern.${concern}`)}
          </Badge>
        ))}
      </span>
      {reasons.map((reason) => (
        <div key={reason} className="muted small wrap">
          {reason}
        </div>
      ))}
    </>
  );
}
