/** How a destination is reached, and what it may have. */
import { useTranslation } from 'react-i18next';
import type { DestinationKind, DestinationTerms } from '../../api/destination_documents';

const KINDS: readonly DestinationKind[] = ['CLINICAL', 'RESEARCH'];

interface TermsInputsProps {
  terms: DestinationTerms;
  onChange: (terms: DestinationTerms) => void;
}

export function TermsInputs({ terms, onChange }: TermsInputsProps) {
  const { t } = useTranslation();
  return (
    <>
      <label>
        {t('destinations.aeTitle')}
        <input
          required
          maxLength={16}
          autoComplete="off"
          value={terms.aeTitle}
          onChange={(event) => onChange({ ...terms, aeTitle: event.target.value })}
        />
      </label>
      <label>
        {t('destinations.host')}
        <input
          required
          maxLength={253}
          autoComplete="off"
          value={terms.host}
          onChange={(event) => onChange({ ...terms, host: event.target.value.trim() })}
        />
      </label>
      <label>
        {t('destinations.port')}
        <input
          required
          type="number"
          min={1}
          max={65535}
          value={terms.port || ''}
          onChange={(event) => onChange({ ...terms, port: Number(event.target.value) })}
        />
      </label>
      <label>
        {t('destinations.kind')}
        <select
          value={terms.kind}
          onChange={(event) => onChange({ ...terms, kind: event.target.value as DestinationKind })}
        >
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`destinations.kinds.${kind}`)}
            </option>
          ))}
        </select>
      </label>
      <p className="small muted">{t(`destinations.kindMeaning.${terms.kind}`)}</p>
    </>
  );
}
