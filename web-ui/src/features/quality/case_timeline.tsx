/** A case's whole history as one line: study, run, reads, signatures, sends, recalls, accesses. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LedgerEntry } from '../../api/types';
import { Icon } from '../../components/icon';
import { Sentence } from '../../components/sentence';
import { ExactTime } from '../../components/time';
import { countsOf, type Moment, momentsOf, PHASES, type Phase, pauseBefore } from './timeline';

export function CaseTimeline({ entries, own }: { entries: readonly LedgerEntry[]; own: string }) {
  const { t } = useTranslation();
  const [hidden, setHidden] = useState<readonly Phase[]>([]);
  if (entries.length === 0) return <p className="muted">{t('quality.noHistory')}</p>;
  const counts = countsOf(entries);
  const moments = momentsOf(
    entries,
    PHASES.filter((phase) => !hidden.includes(phase)),
  );
  const toggle = (phase: Phase) =>
    setHidden((now) =>
      now.includes(phase) ? now.filter((one) => one !== phase) : [...now, phase],
    );
  return (
    <>
      <fieldset className="row-actions period">
        <legend className="visually-hidden">{t('timeline.filter')}</legend>
        {PHASES.filter((phase) => counts[phase] > 0).map((phase) => (
          <button
            key={phase}
            type="button"
            className="chip"
            aria-pressed={!hidden.includes(phase)}
            onClick={() => toggle(phase)}
          >
            {t(`timeline.phase.${phase}`)} <span className="count">{counts[phase]}</span>
          </button>
        ))}
      </fieldset>
      <ol className="timeline">
        {moments.map((moment, index) => (
          <MomentLine
            key={moment.entries[0]?.index}
            moment={moment}
            pause={pauseBefore(moments[index - 1], moment)}
            own={own}
          />
        ))}
      </ol>
    </>
  );
}

interface MomentLineProps {
  moment: Moment;
  /** ms */
  pause: number | null;
  own: string;
}

function MomentLine({ moment: { face, entries }, pause, own }: MomentLineProps) {
  const { t } = useTranslation();
  const words = usePauseWords();
  const [first, ...others] = entries;
  if (!first) return null;
  return (
    <li className={`moment ${face.tone}`}>
      {pause !== null && <p className="pause muted small">{words(pause)}</p>}
      <span className="face">
        <Icon name={face.icon} />
        <span className="visually-hidden">{t(`timeline.phase.${face.phase}`)}</span>
      </span>
      <span className="muted small">
        <ExactTime at={first.occurredAt} />
      </span>
      {others.length === 0 ? (
        <EntryWords entry={first} own={own} />
      ) : (
        <details>
          <summary>{t('timeline.accesses', { count: entries.length })}</summary>
          <ul>
            {entries.map((entry) => (
              <li key={entry.index}>
                <span className="muted small">
                  <ExactTime at={entry.occurredAt} />
                </span>{' '}
                <EntryWords entry={entry} own={own} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

function EntryWords({ entry, own }: { entry: LedgerEntry; own: string }) {
  return (
    <span className="moment-words">
      <Sentence text={entry.sentence} own={own} />
      <span className="muted small">
        {' '}
        · {entry.service} · {entry.index}
      </span>
    </span>
  );
}

const MINUTE_MS = 60_000;
const STEPS = [
  ['day', 1_440],
  ['hour', 60],
  ['minute', 1],
] as const;

/** "3 hours later". */
function usePauseWords(): (ms: number) => string {
  const { t, i18n } = useTranslation();
  return (ms) => {
    const minutes = ms / MINUTE_MS;
    const [unit, length] = STEPS.find(([, step]) => minutes >= step) ?? ['minute', 1];
    const time = new Intl.NumberFormat(i18n.language, {
      style: 'unit',
      unit,
      unitDisplay: 'long',
    }).format(Math.round(minutes / length));
    return t('timeline.later', { time });
  };
}
