/** Which side is better, what is wrong on each, and the signature under it. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  answerComparisonPairMutation,
  type ComparisonPair,
  ERROR_KINDS,
  type ErrorKind,
  type ErrorMark,
  PREFERENCES,
  type SideErrors,
  WORST_ERRORS,
} from '../../api/comparison_documents';
import { Fault, RefusalNote } from '../../components/note';
import { KindChoices } from '../reading/kind_choices';
import { useViewer } from '../session/session';
import { SignatureFields, useSignature } from '../session/signature';
import { COUNT_OF, changed, complete, markedOf, unmarked } from './answer';
import { MarkList } from './mark_list';
import type { PairAnswering } from './use_answer';

interface AnswerFormProps {
  pair: ComparisonPair;
  /** Of what arrived; null until all has. */
  digest: string | null;
  answering: PairAnswering;
  onGo: (mark: ErrorMark) => void;
  onSigned: (pair: ComparisonPair) => void;
}

export function AnswerForm({ pair, digest, answering, onGo, onSigned }: AnswerFormProps) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const signature = useSignature();
  const { typed, change, marking, setMarking } = answering;
  const answer = complete(typed);
  const sign = useMutation({
    mutationFn: async () => {
      if (!answer || !digest) throw new Error(t('compare.incomplete'));
      const input = { pairId: pair.id, ...answer, shownDigest: digest, ...signature.typed };
      return (await ask(answerComparisonPairMutation, { input })).answerComparisonPair;
    },
    onSuccess: ({ pair: signed }) => {
      if (!signed) return;
      signature.taken();
      onSigned(signed);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sign.mutate();
  };
  const name = viewer.printedName || viewer.username;
  return (
    <form className="pair-answer" aria-label={t('compare.answer')} onSubmit={submit}>
      <fieldset className="pair-preference">
        <legend>{t('compare.which')}</legend>
        {PREFERENCES.map((preference, index) => (
          <button
            key={preference}
            type="button"
            aria-pressed={typed.preference === preference}
            onClick={() => change((before) => ({ ...before, preference }))}
          >
            {t(`compare.preference.${preference}`)} <kbd>{index + 1}</kbd>
          </button>
        ))}
      </fieldset>
      <KindChoices
        kinds={ERROR_KINDS}
        marking={marking}
        where={t('compare.sides')}
        onMark={setMarking}
      />
      <div className="pair-errors">
        {(['a', 'b'] as const).map((side) => (
          <ErrorFields
            key={side}
            label={t(`compare.errors.${side}`)}
            errors={typed[side]}
            onErrors={(of) => change((before) => ({ ...before, [side]: of(before[side]) }))}
            onGo={onGo}
          />
        ))}
      </div>
      <p className="muted small">{t('compare.statement')}</p>
      <SignatureFields signature={signature} passwordLabel={t('signing.password', { name })} />
      <button
        type="submit"
        className="primary"
        disabled={!answer || !digest || sign.isPending || !signature.complete}
      >
        {t('compare.sign')}
      </button>
      {sign.data?.refusal && <RefusalNote refusal={sign.data.refusal} />}
      {sign.isError && <Fault error={sign.error} onRetry={() => sign.reset()} />}
    </form>
  );
}

interface ErrorFieldsProps {
  label: string;
  errors: SideErrors;
  onErrors: (of: (errors: SideErrors) => SideErrors) => void;
  onGo: (mark: ErrorMark) => void;
}

function ErrorFields({ label, errors, onErrors, onGo }: ErrorFieldsProps) {
  const { t } = useTranslation();
  const count = (name: (typeof COUNT_OF)[ErrorKind], typed: string) =>
    onErrors((before) => changed(before, { [name]: Math.max(0, Math.floor(+typed)) }));
  return (
    <fieldset>
      <legend>{label}</legend>
      {ERROR_KINDS.map((kind) => (
        <label key={kind}>
          {t(`compare.kind.${COUNT_OF[kind]}`)}
          <input
            type="number"
            min={markedOf(errors, kind)}
            max={99}
            value={errors[COUNT_OF[kind]]}
            onChange={(event) => count(COUNT_OF[kind], event.target.value)}
          />
        </label>
      ))}
      {errors.worst && (
        <label>
          {t('compare.worst')}
          <select
            value={errors.worst}
            onChange={(event) => {
              const worst = WORST_ERRORS.find((known) => known === event.target.value);
              if (worst) onErrors((before) => changed(before, { worst }));
            }}
          >
            {WORST_ERRORS.map((worst) => (
              <option key={worst} value={worst}>
                {t(`compare.severity.${worst}`)}
              </option>
            ))}
          </select>
        </label>
      )}
      <MarkList
        label={label}
        marks={errors.marks}
        onGo={onGo}
        onRemove={(index) => onErrors((before) => unmarked(before, index))}
      />
    </fieldset>
  );
}
