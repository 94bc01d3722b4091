/** The case of a discussion: quality goes to its page, who read it to the room where they did. */
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { hasRole, useViewer } from '../session/session';

export function CaseLink({ caseId }: { caseId: string }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const label = t('learning.case', { id: caseId.slice(0, 'case_'.length + 6) });
  return hasRole(viewer, 'QUALITY') ? (
    <Link to="/cases/$caseId" params={{ caseId }} title={caseId}>
      {label}
    </Link>
  ) : (
    <Link to="/read/$caseId" params={{ caseId }} title={caseId}>
      {label}
    </Link>
  );
}
