/** What could not be used: what waits, with the act that helps, and what has ended, with who, when and why. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { askOnClock } from '../../api/client';
import { quarantineQuery } from '../../api/documents';
import { POLL_INTERVAL_MS } from '../../api/live';
import { quarantineGroupsQuery } from '../../api/quarantine';
import type { Quarantined } from '../../api/types';
import { Empty, Fault, Loading } from '../../components/note';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { QuarantineGroupRow } from './quarantine_group_row';
import { byteSize } from './size';

export function QuarantineList() {
  const isOwner = hasRole(useViewer(), 'ADMINISTRATOR', 'COORDINATOR', 'QUALITY');
  return (
    <>
      {isOwner && <WaitingGroups />}
      <Entries isOwner={isOwner} />
    </>
  );
}

function WaitingGroups() {
  const { t } = useTranslation();
  const mayCorrect = hasRole(useViewer(), 'ADMINISTRATOR', 'COORDINATOR');
  const waiting = useQuery({
    queryKey: ['quarantine-groups'],
    queryFn: () => askOnClock(quarantineGroupsQuery, {}),
    refetchInterval: POLL_INTERVAL_MS,
  });
  if (waiting.isPending) return <Loading rows={4} />;
  if (waiting.isError) {
    return <Fault error={waiting.error} onRetry={() => void waiting.refetch()} />;
  }
  const { groups, leftOut } = waiting.data.quarantineGroups;
  if (groups.length === 0) {
    return (
      <Empty title={t('studies.quarantineEmpty.title')}>{t('studies.quarantineEmpty.text')}</Empty>
    );
  }
  return (
    <section aria-label={t('quarantine.waiting')}>
      <table className="quarantine-groups">
        <thead>
          <tr>
            <th scope="col">{t('quarantine.since')}</th>
            <th scope="col">{t('studies.sender')}</th>
            <th scope="col">{t('studies.reason')}</th>
            <th scope="col">{t('studies.remedy')}</th>
            <th scope="col">{t('quarantine.acts')}</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <QuarantineGroupRow key={group.id} group={group} mayCorrect={mayCorrect} />
          ))}
        </tbody>
      </table>
      {leftOut > 0 && <p className="wait">{t('quarantine.leftOut', { count: leftOut })}</p>}
    </section>
  );
}

function Entries({ isOwner }: { isOwner: boolean }) {
  const { t } = useTranslation();
  const quarantine = useQuery({
    queryKey: ['quarantine'],
    queryFn: () => askOnClock(quarantineQuery, { first: 100, after: null }),
    refetchInterval: POLL_INTERVAL_MS,
  });
  if (quarantine.isPending) return isOwner ? null : <Loading rows={4} />;
  if (quarantine.isError) {
    return <Fault error={quarantine.error} onRetry={() => void quarantine.refetch()} />;
  }
  const { nodes } = quarantine.data.quarantine;
  if (nodes.length === 0) {
    return isOwner ? null : (
      <Empty title={t('studies.quarantineEmpty.title')}>{t('studies.quarantineEmpty.text')}</Empty>
    );
  }
  return (
    <section aria-labelledby="quarantine-entries">
      <h2 id="quarantine-entries">{t('quarantine.entries')}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('studies.received')}</th>
            <th scope="col">{t('studies.sender')}</th>
            <th scope="col">{t('studies.reason')}</th>
            <th scope="col">{t('quarantine.became')}</th>
            <th scope="col" className="number">
              {t('studies.size')}
            </th>
          </tr>
        </thead>
        <tbody>
          {nodes.map((entry) => (
            <tr key={entry.id}>
              <td>
                <Time at={entry.receivedAt} />
              </td>
              <td className="mono">{entry.sender}</td>
              <td>
                {entry.reason} <code className="muted">{entry.reasonCode}</code>
              </td>
              <td>
                <Became entry={entry} />
              </td>
              <td className="number">{byteSize(entry.bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Became({ entry }: { entry: Quarantined }) {
  const { t } = useTranslation();
  return (
    <>
      {t(`quarantine.state.${entry.state}`)}
      {entry.endedAt && (
        <div className="muted small">
          {entry.endedBy}, <Time at={entry.endedAt} />: {entry.endedReason}
        </div>
      )}
    </>
  );
}
