/** Lets kept objects go through admission once more, with what a person puts right in them. */
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  type CorrectableAttribute,
  type QuarantineGroup,
  type QuarantineOutcome,
  quarantineAsSentQuery,
  type SentAttribute,
} from '../../api/quarantine';
import { Fault, Loading, RefusalNote } from '../../components/note';
import { ReasonForm } from '../../components/reason_form';
import { useToast } from '../../components/toast';
import { correctionsOf, type Entered, fieldsOf, readmit } from './corrections';

/** Sets that are sent most; others can be typed. */
const CHARACTER_SETS = ['ISO_IR 192', 'ISO_IR 100', 'ISO_IR 13', 'GB18030', 'ISO_IR 144'];
const NO_ATTRIBUTES: readonly CorrectableAttribute[] = [];

interface ReadmitFormProps {
  group: QuarantineGroup;
  mayCorrect: boolean;
  onClose: () => void;
  onDone: () => void;
}

export function ReadmitForm({ group, mayCorrect, onClose, onDone }: ReadmitFormProps) {
  const { t } = useTranslation();
  const say = useToast();
  const attributes = mayCorrect ? group.attributes : NO_ATTRIBUTES;
  const [entered, setEntered] = useState<Entered>({});
  const sent = useQuery({
    queryKey: ['quarantine-as-sent', group.id],
    queryFn: () => ask(quarantineAsSentQuery, { entryId: group.id }),
    enabled: attributes.length > 0,
  });
  const fields = fieldsOf(attributes, sent.data?.quarantineAsSent ?? []);
  const act = useMutation({
    mutationFn: (reason: string) => readmit({ group, reason }, correctionsOf(fields, entered)),
    onSuccess: ({ outcome }) => {
      if (!outcome) return;
      if (outcome.ended > 0) say(t('quarantine.readmitted', { count: outcome.ended }));
      onDone();
      if (outcome.stillRefused.length === 0) onClose();
    },
  });
  if (attributes.length > 0 && sent.isPending) return <Loading rows={attributes.length} />;
  return (
    <div className="reason">
      <p>{t(`quarantine.meaning.${group.fix}`)}</p>
      {sent.isError && <Fault error={sent.error} onRetry={() => void sent.refetch()} />}
      {fields.length > 0 && (
        <CorrectionFields
          fields={fields}
          entered={entered}
          onEnter={(attribute, value) => {
            act.reset();
            setEntered({ ...entered, [attribute]: value });
          }}
        />
      )}
      <ReasonForm
        label={t('quarantine.why')}
        action={t('quarantine.readmit', { count: group.entries })}
        pending={act.isPending}
        onAct={(why) => act.mutate(why)}
        onClose={onClose}
      >
        {act.data?.refusal && <RefusalNote refusal={act.data.refusal} />}
        {act.data?.outcome && <StillRefused outcome={act.data.outcome} />}
        {act.isError && <Fault error={act.error} onRetry={() => act.reset()} />}
      </ReasonForm>
    </div>
  );
}

interface CorrectionFieldsProps {
  fields: readonly SentAttribute[];
  entered: Entered;
  onEnter: (attribute: CorrectableAttribute, value: string) => void;
}

function CorrectionFields({ fields, entered, onEnter }: CorrectionFieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset className="corrections">
      <legend>{t('quarantine.asSent')}</legend>
      {fields.map(({ attribute, value }) => (
        <label key={attribute}>
          {t(`quarantine.attribute.${attribute}`)}
          <input
            className="mono"
            autoComplete="off"
            list={attribute === 'SPECIFIC_CHARACTER_SET' ? 'character-sets' : undefined}
            value={entered[attribute] ?? value}
            onChange={(event) => onEnter(attribute, event.target.value)}
          />
        </label>
      ))}
      <datalist id="character-sets">
        {CHARACTER_SETS.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <p className="muted small">{t('quarantine.copy')}</p>
    </fieldset>
  );
}

/** What of an act came to nothing, and why. */
export function StillRefused({ outcome }: { outcome: QuarantineOutcome }) {
  const { t } = useTranslation();
  return (
    <>
      {outcome.stillRefused.map((refusal) => (
        <div key={`${refusal.code} ${refusal.message}`}>
          <p className="wait">{t('quarantine.stillRefused', { count: refusal.entries })}</p>
          <RefusalNote refusal={refusal} />
        </div>
      ))}
      {outcome.left > 0 && <p className="wait">{t('quarantine.left', { count: outcome.left })}</p>}
    </>
  );
}
