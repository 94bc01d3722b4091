/** Flagged regions of every kind: walked with N, each to be judged. */
import { useTranslation } from 'react-i18next';
import type { Disposition, Region, RegionDisposition } from '../../api/types';
import { Icon } from '../../components/icon';
import { DISPOSITIONS } from './read_content';
import { KIND_LETTER } from './region_kind';

interface RegionListProps {
  regions: readonly Region[];
  dispositions: readonly RegionDisposition[];
  current: number | null;
  /** Slices of each region that were never shown with every pixel. */
  slicesLeft: (region: Region) => number;
  unit: string;
  onGo: (region: Region) => void;
  onDispose: (region: number, disposition: Disposition) => void;
  readOnly: boolean;
}

/** The region that `N` leads to stays in sight, where the list is longer than its place. */
const intoSight = (entry: HTMLElement | null) => entry?.scrollIntoView({ block: 'nearest' });

export function RegionList(props: RegionListProps) {
  const { regions, dispositions, current, unit, readOnly } = props;
  const { t } = useTranslation();
  if (regions.length === 0) return <p className="muted">{t('reading.noRegions')}</p>;
  return (
    <ol className="entries">
      {regions.map((region) => {
        const judged = dispositions.find((entry) => entry.region === region.index)?.disposition;
        const isCurrent = region.index === current;
        const left = props.slicesLeft(region);
        return (
          <li
            key={region.index}
            ref={isCurrent ? intoSight : null}
            className={isCurrent ? 'entry entry-current' : 'entry'}
          >
            <button
              type="button"
              className="quiet entry-head"
              aria-pressed={isCurrent}
              title={t(`reading.regionKind.${region.kind}`)}
              onClick={() => props.onGo(region)}
            >
              <Icon name={judged ? 'check' : 'circle'} />
              <span>
                {t('reading.region', { number: region.index + 1 })}
                {KIND_LETTER[region.kind] && (
                  <b className="entry-kind">{KIND_LETTER[region.kind]}</b>
                )}
              </span>
              <span className="muted">
                ±{region.halfWidthMax.toFixed(0)} {unit} · {region.diameterMm.toFixed(0)} mm
              </span>
              <span className={left > 0 ? 'entry-state wait' : 'entry-state'}>
                {left > 0
                  ? t('room.slicesLeft', { count: left })
                  : judged
                    ? t(`disposition.${judged}`)
                    : t('reading.open')}
              </span>
            </button>
            {isCurrent && (
              <p className="muted small entry-why">{t(`reading.regionKind.${region.kind}`)}</p>
            )}
            {isCurrent && !readOnly && (
              <fieldset className="choices">
                <legend className="visually-hidden">
                  {t('reading.dispositionOf', { number: region.index + 1 })}
                </legend>
                {DISPOSITIONS.map((disposition, index) => (
                  <button
                    key={disposition}
                    type="button"
                    title={`Shift ${index + 1}`}
                    aria-pressed={judged === disposition}
                    onClick={() => props.onDispose(region.index, disposition)}
                  >
                    {t(`disposition.${disposition}`)}
                  </button>
                ))}
              </fieldset>
            )}
          </li>
        );
      })}
    </ol>
  );
}
