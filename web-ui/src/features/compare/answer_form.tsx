/** Which side is better, what is wrong on each, and the signature under it. */
import { useMutation } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  answerComparisonPairMutation,
  type ComparisonPair,
  PREFERENCES,
  type SideErrors,
  WORST_ERRORS,
} from '../../api/comparison_documents';
import { Fault, RefusalNote } from '../../components/note';
import { useViewer } from '../session/session';
import { SignatureFields, useSignature } from '../session/signature';
import { changed, complete, type TypedAnswer } from './answer';

const KINDS = ['invented', 'lost', 'distorted'] as const;

interface AnswerFormProps {
  pair: ComparisonPair;
  /** Of what arrived; null until all has. */
  digest: string | null;
  typed: TypedAnswer;
  onTyped: (typed: TypedAnswer) => void;
  onSigned: (pair: ComparisonPair) => void;
}

export function AnswerForm({ pair, digest, typed, onTyped, onSigned }: AnswerFormProps) {
  const { t } = useTranslation();
  const viewer = useViewer();
  const signature = useSignature();
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
            onClick={() => onTyped({ ...typed, preference })}
          >
            {t(`compare.preference.${preference}`)} <kbd>{index + 1}</kbd>
          </button>
        ))}
      </fieldset>
      <div className="pair-errors">
        {(['a', 'b'] as const).map((side) => (
          <ErrorFields
            key={side}
            label={t(`compare.errors.${side}`)}
            errors={typed[side]}
            onErrors={(errors) => onTyped({ ...typed, [side]: errors })}
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
  onErrors: (errors: SideErrors) => void;
}

function ErrorFields({ label, errors, onErrors }: ErrorFieldsProps) {
  const { t } = useTranslation();
  return (
    <fieldset>
      <legend>{label}</legend>
      {KINDS.map((kind) => (
        <label key={kind}>
          {t(`compare.kind.${kind}`)}
          <input
            type="number"
            min={0}
            max={99}
            value={errors[kind]}
            onChange={(event) =>
              onErrors(changed(errors, { [kind]: Math.max(0, Math.floor(+event.target.value)) }))
            }
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
              if (worst) onErrors(changed(errors, { worst }));
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
    </fieldset>
  );
}
