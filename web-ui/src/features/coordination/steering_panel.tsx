/** The chosen case, what stands in its way, and the acts. */
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { SteeredCase } from '../../api/oversight_types';
import { CaseStateBadge, StageBadge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { ageAndSex, inARow, personName } from '../../components/patient';
import { dicomDate } from '../../components/time';
import { CaseSteering } from '../quality/case_steering';

export function SteeringPanel({ found, onClose }: { found: SteeredCase; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const { study } = found;
  return (
    <aside
      className="steering-panel"
      aria-label={t('worklist.selection')}
      onKeyDown={(event) => {
        // In a form it leaves the form alone.
        const inForm = event.target instanceof HTMLElement && event.target.closest('form');
        if (event.key === 'Escape' && !inForm) onClose();
      }}
    >
      <div className="page-head">
        <h2 ref={heading} tabIndex={-1}>
          {personName(study.patient.name, i18n.language)}
        </h2>
        <span className="spring" />
        <button type="button" className="quiet" onClick={onClose}>
          <Icon name="cross" />
          {t('common.close')}
        </button>
      </div>
      <p className="muted">
        {inARow(
          study.patient.patientId,
          ageAndSex(study.patient, study.studyDate),
          dicomDate(study.studyDate),
          study.studyDescription,
        )}
      </p>
      <div className="row-actions">
        {found.state && <CaseStateBadge value={found.state} />}
        <StageBadge value={found.stage} />
        <Link to="/cases/$caseId" params={{ caseId: found.id }}>
          {t('coordination.whole')}
        </Link>
      </div>
      <CaseSteering found={found} />
    </aside>
  );
}
