/** Marks of this read: what, how grave, where. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Finding, FindingKind, Severity } from '../../api/types';
import { Icon } from '../../components/icon';
import type { Point3 } from '../../viewer/geometry';
import { lateralityOf } from '../../viewer/laterality';
import { KindChoices } from './kind_choices';
import { FINDING_KINDS } from './read_content';

const SEVERITIES: readonly Severity[] = ['MINOR', 'MAJOR', 'CRITICAL'];

interface FindingListProps {
  findings: readonly Finding[];
  /** The kind being placed; 'choose' after `M`. */
  marking: FindingKind | 'choose' | null;
  readOnly: boolean;
  onMark: (kind: FindingKind | null) => void;
  onGo: (finding: Finding) => void;
  onChange: (index: number, change: Partial<Finding>) => void;
  onRemove: (index: number) => void;
}

/** Brings a finding that was just marked into sight, where the list is longer than its place. */
function useNewestInSight(count: number) {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current)
      list.current?.lastElementChild?.scrollIntoView({ block: 'nearest' });
    before.current = count;
  }, [count]);
  return list;
}

export function FindingList(props: FindingListProps) {
  const { findings, marking, readOnly, onMark } = props;
  const { t } = useTranslation();
  const list = useNewestInSight(findings.length);
  return (
    <>
      {!readOnly && (
        <KindChoices
          kinds={FINDING_KINDS}
          marking={marking}
          where={t('reading.anyPane')}
          onMark={onMark}
        />
      )}
      {findings.length > 0 && (
        <ol className="entries" ref={list}>
          {findings.map((finding, index) => (
            <FindingEntry
              // biome-ignore lint/suspicious/noArrayIndexKey: a draft's findings have no ids of their own
              key={index}
              finding={finding}
              number={index + 1}
              readOnly={readOnly}
              onGo={() => props.onGo(finding)}
              onChange={(change) => props.onChange(index, change)}
              onRemove={() => props.onRemove(index)}
            />
          ))}
        </ol>
      )}
    </>
  );
}

/** The side on which a finding lies, computed from its place; the read itself keeps the place. */
export function Side({ centreMm }: { centreMm: readonly number[] }) {
  const { t } = useTranslation();
  const { side, mm } = lateralityOf(centreMm as unknown as Point3);
  return (
    <span className="entry-state" title={t('room.side.meaning')}>
      {t(`room.side.${side}`, { mm: mm.toFixed(0) })}
    </span>
  );
}

interface FindingEntryProps {
  finding: Finding;
  number: number;
  readOnly: boolean;
  onGo: () => void;
  onChange: (change: Partial<Finding>) => void;
  onRemove: () => void;
}

function FindingEntry({ finding, number, readOnly, onGo, onChange, onRemove }: FindingEntryProps) {
  const { t } = useTranslation();
  return (
    <li className="entry">
      <div className="entry-head">
        <button type="button" className="quiet entry-name" onClick={onGo}>
          <span className="finding-number">{number}</span>
          {t(`finding.${finding.kind}`)}
        </button>
        {finding.centreMm && <Side centreMm={finding.centreMm} />}
        {!readOnly && (
          <button
            type="button"
            className="quiet"
            aria-label={t('reading.removeFinding', { number })}
            onClick={onRemove}
          >
            <Icon name="cross" />
          </button>
        )}
      </div>
      <div className="finding-facts">
        <select
          aria-label={t('reading.severityOf', { number })}
          value={finding.severity}
          disabled={readOnly}
          onChange={(event) => onChange({ severity: event.target.value as Severity })}
        >
          {SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {t(`severity.${severity}`)}
            </option>
          ))}
        </select>
        <span className="with-unit">
          <input
            type="number"
            min="0"
            step="1"
            aria-label={t('reading.diameterOf', { number })}
            value={finding.diameterMm ?? ''}
            readOnly={readOnly}
            onChange={(event) =>
              onChange({
                diameterMm: event.target.value === '' ? null : Number(event.target.value),
              })
            }
          />
          mm
        </span>
        <input
          className="finding-comment"
          aria-label={t('reading.commentOf', { number })}
          placeholder={t('reading.findingComment')}
          maxLength={500}
          value={finding.comment}
          readOnly={readOnly}
          onChange={(event) => onChange({ comment: event.target.value })}
        />
      </div>
    </li>
  );
}
