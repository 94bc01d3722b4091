/** Who is too close to a study or a deployment to read it. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { deploymentsQuery } from '../../api/documents';
import { conflictsQuery } from '../../api/oversight_documents';
import type { Conflict } from '../../api/oversight_types';
import { Copyable } from '../../components/copyable';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { ConflictForm } from './conflict_form';

/** Deployments that the viewer may know by name. */
function useDeployments() {
  const allowed = hasRole(useViewer(), 'QUALITY', 'ADMINISTRATOR', 'CLINICAL_OWNER');
  const query = useQuery({
    queryKey: ['deployments'],
    queryFn: () => ask(deploymentsQuery, {}),
    enabled: allowed,
  });
  return query.data?.deployments ?? [];
}

export function Conflicts() {
  const { t } = useTranslation();
  const deployments = useDeployments();
  const query = useQuery({ queryKey: ['conflicts'], queryFn: () => ask(conflictsQuery, {}) });
  const conflicts = query.data?.conflicts ?? [];
  const nameOf = (id: string) => deployments.find((found) => found.id === id)?.name ?? null;
  return (
    <div className="list-and-form">
      <section aria-label={t('people.tab.conflicts')} className="list-part">
        <p className="muted">{t('people.conflict.meaning')}</p>
        {query.isPending && <Loading rows={4} />}
        {query.isError && <Fault error={query.error} onRetry={() => void query.refetch()} />}
        {query.isSuccess && conflicts.length === 0 && (
          <Empty title={t('people.conflict.empty.title')}>{t('people.conflict.empty.text')}</Empty>
        )}
        {conflicts.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">{t('people.person')}</th>
                <th scope="col">{t('people.conflict.with')}</th>
                <th scope="col">{t('steer.reason')}</th>
                <th scope="col">{t('people.conflict.declared')}</th>
                <th scope="col">{t('nav.ledger')}</th>
              </tr>
            </thead>
            <tbody>
              {conflicts.map((conflict) => (
                <ConflictRow key={conflict.id} conflict={conflict} nameOf={nameOf} />
              ))}
            </tbody>
          </table>
        )}
      </section>
      <ConflictForm
        deployments={deployments}
        known={[...new Set(conflicts.map(({ username }) => username))]}
      />
    </div>
  );
}

interface ConflictRowProps {
  conflict: Conflict;
  nameOf: (deployment: string) => string | null;
}

function ConflictRow({ conflict, nameOf }: ConflictRowProps) {
  const { t } = useTranslation();
  const maySeeLedger = hasRole(useViewer(), 'QUALITY', 'ADMINISTRATOR');
  const { studyId, deploymentId } = conflict;
  const subject = studyId ?? deploymentId ?? '';
  return (
    <tr>
      <td>{conflict.username}</td>
      <td>
        {t(studyId ? 'people.conflict.study' : 'people.conflict.deployment')}{' '}
        {(deploymentId && nameOf(deploymentId)) || <Copyable text={subject} length={18} />}
      </td>
      <td>{conflict.reason}</td>
      <td>
        <Time at={conflict.declaredAt} />
      </td>
      <td>
        {maySeeLedger ? (
          <Link to="/ledger" search={{ subject: conflict.id }}>
            {t('people.conflict.entries')}
          </Link>
        ) : (
          '–'
        )}
      </td>
    </tr>
  );
}
