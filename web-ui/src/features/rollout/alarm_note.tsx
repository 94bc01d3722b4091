/** What a stop rule told; somebody of quality or the clinical owner looks into it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask, askOnClock } from '../../api/client';
import { POLL_INTERVAL_MS } from '../../api/live';
import { acknowledgeAlarmMutation, alarmsQuery } from '../../api/rollout_documents';
import type { Alarm } from '../../api/rollout_types';
import { Icon } from '../../components/icon';
import { Fault, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { Time } from '../../components/time';
import { hasRole, useViewer } from '../session/session';
import { inNumbers } from './numbers';

/** Every alarm that nobody has looked into, on top of the board. */
export function OpenAlarms() {
  const alarms = useQuery({
    queryKey: ['alarms'],
    queryFn: () => askOnClock(alarmsQuery, {}),
    refetchInterval: POLL_INTERVAL_MS,
  });
  if (alarms.isError) return <Fault error={alarms.error} onRetry={() => void alarms.refetch()} />;
  return (alarms.data?.alarms ?? []).map((alarm) => <AlarmNote key={alarm.id} alarm={alarm} />);
}

export function AlarmNote({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const [open, setOpen] = useState(false);
  const mayConclude = !alarm.acknowledgedAt && hasRole(viewer, 'QUALITY', 'CLINICAL_OWNER');
  const stops = alarm.action !== 'INFORM';
  return (
    <div
      className={alarm.acknowledgedAt ? 'note' : stops ? 'note note-bad' : 'note note-wait'}
      role={alarm.acknowledgedAt ? undefined : 'alert'}
    >
      <strong>
        <Icon name={stops ? 'pause' : 'warning'} />{' '}
        {stops
          ? t('alarms.stopped', {
              deployment: alarm.deploymentName,
              from: t(`stage.${alarm.fromStage}`),
              to: t(`stage.${alarm.toStage}`),
              rule: alarm.rule,
            })
          : t('alarms.informed', { deployment: alarm.deploymentName, rule: alarm.rule })}
      </strong>
      <p>
        {alarm.note};{' '}
        {t('alarms.stood', {
          value: inNumbers(alarm.value),
          bound: inNumbers(alarm.bound),
          version: alarm.rulesVersion,
        })}{' '}
        · <Time at={alarm.raisedAt} /> {alarm.case && <code>{alarm.case}</code>}
      </p>
      {alarm.acknowledgedBy ? (
        <p className="muted">
          {t('alarms.acknowledged', {
            name: alarm.acknowledgedBy,
            words: alarm.acknowledgement ?? '',
          })}
        </p>
      ) : (
        <p className="muted">{t('alarms.waits')}</p>
      )}
      {mayConclude && !open && (
        <button type="button" onClick={() => setOpen(true)}>
          {t('alarms.acknowledge')}
        </button>
      )}
      {mayConclude && open && <Acknowledgement alarm={alarm} onClose={() => setOpen(false)} />}
    </div>
  );
}

function Acknowledgement({ alarm, onClose }: { alarm: Alarm; onClose: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: (conclusion: string) =>
      ask(acknowledgeAlarmMutation, { input: { alarmId: alarm.id, conclusion } }),
    onSuccess: ({ acknowledgeAlarm }) => {
      if (!acknowledgeAlarm.alarm) return;
      onClose();
      void queries.invalidateQueries({ queryKey: ['alarms'] });
      void queries.invalidateQueries({ queryKey: ['stopRules'] });
    },
  });
  const refusal = acknowledge.data?.acknowledgeAlarm.refusal;
  return (
    <ReasonForm
      label={t('alarms.found')}
      action={t('alarms.acknowledge')}
      pending={acknowledge.isPending}
      onAct={(conclusion) => acknowledge.mutate(conclusion)}
      onClose={onClose}
    >
      {refusal && <RefusalNote refusal={refusal} />}
      {acknowledge.isError && (
        <Fault error={acknowledge.error} onRetry={() => acknowledge.reset()} />
      )}
    </ReasonForm>
  );
}
