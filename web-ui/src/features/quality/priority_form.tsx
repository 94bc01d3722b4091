/** How soon a case is wanted, and another answer to that by a coordinator. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { changeCasePriorityMutation } from '../../api/oversight_documents';
import type { SteeredCase } from '../../api/oversight_types';
import { PRIORITIES, type Priority } from '../../api/types';
import { Act } from '../../components/act';
import { PriorityBadge } from '../../components/badge';
import { Time } from '../../components/time';
import { useViewer } from '../session/session';
import { isOver } from './case_acts';

export function PriorityForm({ found }: { found: SteeredCase }) {
  const { t } = useTranslation();
  const { roles } = useViewer();
  const change = found.priorityChange;
  return (
    <>
      <p>
        {t('case.priority')}: <PriorityBadge value={found.priority} />
      </p>
      {change && (
        <p className="muted small">
          {t('steer.priority.was', { priority: t(`priority.${change.from}`) })}{' '}
          <Time at={change.changedAt} />: {change.reason}
        </p>
      )}
      {roles.includes('COORDINATOR') && !isOver(found.state) && (
        <Change key={found.priority} found={found} />
      )}
    </>
  );
}

function Change({ found }: { found: SteeredCase }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const others = PRIORITIES.filter((priority) => priority !== found.priority);
  const [wanted, setWanted] = useState<Priority>(others[0] ?? found.priority);
  return (
    <Act
      word={t('steer.priority.act')}
      meaning={
        <>
          {t('steer.priority.meaning')}{' '}
          <label>
            {t('case.priority')}{' '}
            <select
              value={wanted}
              onChange={({ target: { value } }) =>
                setWanted(others.find((one) => one === value) ?? wanted)
              }
            >
              {others.map((priority) => (
                <option key={priority} value={priority}>
                  {t(`priority.${priority}`)}
                </option>
              ))}
            </select>
          </label>
        </>
      }
      reason={t('steer.reason')}
      done={t('steer.priority.done')}
      run={async (reason) => {
        const input = { caseId: found.id, priority: wanted, reason };
        return (await ask(changeCasePriorityMutation, { input })).changeCasePriority.refusal;
      }}
      onDone={() => {
        for (const key of [['case-history', found.id], ['cases'], ['open-cases']]) {
          void queries.invalidateQueries({ queryKey: key });
        }
      }}
    />
  );
}
