/** The verdict and its words. Choosing one signs nothing. */
import { useTranslation } from 'react-i18next';
import type { Verdict } from '../../api/types';

const VERDICTS: readonly { verdict: Verdict; key: string }[] = [
  { verdict: 'ACCEPT', key: 'A' },
  { verdict: 'ACCEPT_WITH_LIMITATION', key: 'C' },
  { verdict: 'REJECT', key: 'X' },
  { verdict: 'CANNOT_JUDGE', key: 'K' },
];

interface VerdictPanelProps {
  verdict: Verdict | null;
  comment: string;
  /** False while the keys sleep or the AI image has not been looked at. */
  awake: boolean;
  readOnly: boolean;
  onVerdict: (verdict: Verdict) => void;
  onComment: (comment: string) => void;
}

export function VerdictPanel(props: VerdictPanelProps) {
  const { verdict, comment, awake, readOnly } = props;
  const { t } = useTranslation();
  const needsLimitation = verdict === 'ACCEPT_WITH_LIMITATION';
  return (
    <>
      <fieldset className="verdicts">
        <legend className="visually-hidden">{t('reading.verdict')}</legend>
        {VERDICTS.map(({ verdict: choice, key }) => (
          <button
            key={choice}
            type="button"
            aria-pressed={verdict === choice}
            disabled={!awake || readOnly}
            onClick={() => props.onVerdict(choice)}
          >
            <kbd>{key}</kbd>
            {t(`verdict.${choice}`)}
          </button>
        ))}
      </fieldset>
      <label className="small">
        {needsLimitation ? t('reading.limitation') : t('reading.comment')}
        <textarea
          rows={2}
          value={comment}
          maxLength={2000}
          readOnly={readOnly}
          aria-required={needsLimitation}
          onChange={(event) => props.onComment(event.target.value)}
        />
      </label>
    </>
  );
}
