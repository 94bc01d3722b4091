/** The pairs behind a result, each with the cases of its two runs; to quality, what was wrong on their images. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Comparison,
  ERROR_KINDS,
  type ReadPair,
  type SideErrors,
} from '../../api/comparison_documents';
import { COUNT_OF } from '../compare/answer';
import { type Contender, countErrors, type ErrorsOf, pairsWith } from './pair_errors';

const CONTENDERS: readonly Contender[] = ['champion', 'challenger'];

export function ReadPairs({ comparison: { read } }: { comparison: Comparison }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<ErrorsOf | null>(null);
  const [open, setOpen] = useState(false);
  const toldErrors = read.some(({ errors }) => errors !== null);
  const listed = chosen ? pairsWith(read, chosen) : read;
  const choose = (errors: ErrorsOf | null) => {
    setChosen(errors);
    setOpen(true);
  };
  return (
    <>
      {toldErrors && <ErrorCounts read={read} chosen={chosen} onChoose={choose} />}
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          {t('compare.panel.read')} ({listed.length})
        </summary>
        <table>
          <tbody>
            {listed.map((pair) => (
              <PairRow key={pair.pair} pair={pair} />
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

interface ErrorCountsProps {
  read: readonly ReadPair[];
  chosen: ErrorsOf | null;
  onChoose: (errors: ErrorsOf | null) => void;
}

/** How many errors of each kind were found on each model's images; a number opens its pairs. */
function ErrorCounts({ read, chosen, onChoose }: ErrorCountsProps) {
  const { t } = useTranslation();
  const isChosen = (errors: ErrorsOf) =>
    chosen?.kind === errors.kind && chosen.contender === errors.contender;
  return (
    <table>
      <caption>{t('compare.panel.errors')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('compare.panel.errorKind')}</th>
          {CONTENDERS.map((contender) => (
            <th key={contender} scope="col" className="number">
              {t(`compare.panel.errorsOf.${contender}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {ERROR_KINDS.map((kind) => (
          <tr key={kind}>
            <th scope="row">{t(`finding.${kind}`)}</th>
            {CONTENDERS.map((contender) => {
              const errors = { contender, kind };
              const count = countErrors(read, errors);
              return (
                <td key={contender} className="number">
                  <button
                    type="button"
                    className="quiet"
                    disabled={count === 0}
                    aria-pressed={isChosen(errors)}
                    aria-label={t('compare.panel.openErrors', {
                      count,
                      kind: t(`finding.${kind}`),
                      model: t(`compare.panel.errorsOf.${contender}`),
                    })}
                    onClick={() => onChoose(isChosen(errors) ? null : errors)}
                  >
                    {count}
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function PairRow({ pair }: { pair: ReadPair }) {
  const { t } = useTranslation();
  const { championCase, challengerCase, outcome, errors } = pair;
  return (
    <tr>
      <td>{t(`compare.panel.outcome.${outcome}`)}</td>
      <td>
        <Link to="/cases/$caseId" params={{ caseId: championCase }}>
          {t('compare.panel.outcome.CHAMPION')}
        </Link>
        <ErrorWords sides={errors?.champion ?? []} />
      </td>
      <td>
        <Link to="/cases/$caseId" params={{ caseId: challengerCase }}>
          {t('compare.panel.outcome.CHALLENGER')}
        </Link>
        <ErrorWords sides={errors?.challenger ?? []} />
      </td>
    </tr>
  );
}

/** What is wrong on one image, a line a reader, with the places that were marked. */
function ErrorWords({ sides }: { sides: readonly SideErrors[] }) {
  const { t } = useTranslation();
  return sides.map((side, reader) => {
    const counted = ERROR_KINDS.filter((kind) => side[COUNT_OF[kind]] > 0);
    if (counted.length === 0 || !side.worst) return null;
    const words = counted.map((kind) => `${t(`finding.${kind}`)} ${side[COUNT_OF[kind]]}`);
    const places = side.marks.map(({ kind, centreMm, diameterMm }) =>
      t('compare.panel.place', {
        kind: t(`finding.${kind}`),
        place: centreMm.map((mm) => mm.toFixed(1)).join(', '),
        diameter: diameterMm.toFixed(1),
      }),
    );
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: readers are told without who they are
      <div key={reader} className="muted small">
        {words.join(' · ')} · {t('compare.worst')}: {t(`compare.severity.${side.worst}`)}
        {places.map((place) => (
          <div key={place}>{place}</div>
        ))}
      </div>
    );
  });
}
