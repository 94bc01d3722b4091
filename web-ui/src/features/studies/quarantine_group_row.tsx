/** Entries that wait for the same act, as one row: whose they are, why they wait, and what ends it. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QuarantineGroup } from '../../api/quarantine';
import type { Refusal } from '../../api/types';
import { Act } from '../../components/act';
import { Icon } from '../../components/icon';
import { inARow, personName } from '../../components/patient';
import { Time } from '../../components/time';
import { discard, mayReadmit } from './corrections';
import { ReadmitForm } from './readmit_form';
import { byteSize } from './size';

interface QuarantineGroupRowProps {
  group: QuarantineGroup;
  mayCorrect: boolean;
}

export function QuarantineGroupRow({ group, mayCorrect }: QuarantineGroupRowProps) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const look = () => {
    for (const queryKey of [
      ['quarantine-groups'],
      ['quarantine-summary'],
      ['quarantine'],
      ['studies'],
    ]) {
      void queries.invalidateQueries({ queryKey });
    }
  };
  const { study } = group;
  const run = async (reason: string): Promise<Refusal | null> =>
    (await discard({ group, reason })).refusal;
  return (
    <tr>
      <td>
        <Time at={group.oldestReceivedAt} />
        {group.isOverdue && (
          <div className="bad small">
            <Icon name="clock" /> {t('quarantine.tooLong')}
          </div>
        )}
      </td>
      <td>
        <span className="mono">{group.sender}</span>
        <div className="muted">
          {t('quarantine.objects', { count: group.entries })} · {byteSize(group.bytes)}
        </div>
        {study && (
          <div>
            {inARow(
              personName(study.patient.name, i18n.language),
              study.patient.patientId,
              study.accessionNumber,
            )}
          </div>
        )}
      </td>
      <td>
        {group.reason} <code className="muted">{group.reasonCode}</code>
      </td>
      <td>
        {group.fix === 'CORRECT' ? t('quarantine.fix.CORRECT') : group.remedy}
        <div className="muted small">
          {group.fix !== 'CORRECT' && t(`quarantine.fix.${group.fix}`)}
        </div>
      </td>
      <td className="quarantine-acts">
        {isOpen ? (
          <ReadmitForm
            group={group}
            mayCorrect={mayCorrect}
            onClose={() => setOpen(false)}
            onDone={look}
          />
        ) : (
          <>
            {mayReadmit(group) && (
              <button type="button" onClick={() => setOpen(true)}>
                {t(
                  mayCorrect && group.fix === 'CORRECT'
                    ? 'quarantine.correct'
                    : 'quarantine.tryAgain',
                )}
              </button>
            )}
            <Act
              word={t('quarantine.discard', { count: group.entries })}
              meaning={t('quarantine.discardMeaning')}
              done={t('quarantine.discarded')}
              reason={t('quarantine.why')}
              danger
              run={run}
              onDone={look}
            />
          </>
        )}
      </td>
    </tr>
  );
}
