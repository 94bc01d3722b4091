/** The line above the images: who, what, how far. */
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReadingCase } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { ageAndSex, inARow, personName } from '../../components/patient';
import { dicomDate } from '../../components/time';

interface RoomHeaderProps {
  readingCase: ReadingCase;
  judgedRegions: number;
  seenPercent: number;
  digestState: 'loading' | 'matches' | 'differs';
  loaded: number;
  total: number;
  draftLine: string;
  onHelp: () => void;
}

/** Minutes and seconds since the room was opened. */
function Elapsed() {
  const { t } = useTranslation();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const start = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - start) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <span title={t('reading.elapsed')}>
      {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
    </span>
  );
}

export function RoomHeader(props: RoomHeaderProps) {
  const { readingCase, digestState } = props;
  const { t, i18n } = useTranslation();
  const { study, source, regions } = readingCase;
  const facts = inARow(
    dicomDate(study.studyDate),
    study.studyDescription,
    source.seriesDescription,
    readingCase.deployment.name,
  );
  return (
    <header className="room-head">
      <Link to="/worklist" className="back">
        ← {t('nav.worklist')}
      </Link>
      {/* Who it is never gives way to anything else. */}
      <span className="room-who">
        <h1>{personName(study.patient.name, i18n.language)}</h1>
        <span className="mono room-id">{study.patient.patientId}</span>
        {study.patient.birthDate && (
          <span className="room-id">
            {t('room.born', { date: dicomDate(study.patient.birthDate) })}
          </span>
        )}
        <span className="room-id">{ageAndSex(study.patient, study.studyDate)}</span>
      </span>
      <span className="room-facts" title={facts}>
        {facts}
      </span>
      <StageBadge value={readingCase.stage} />
      <span className="spring" />
      <span className={`digest digest-${digestState}`} role="status">
        {digestState === 'loading' &&
          t('reading.loading', { loaded: props.loaded, total: props.total })}
        {digestState === 'matches' && (
          <>
            <Icon name="check" /> {t('reading.digestMatches', { total: props.total })}
          </>
        )}
        {digestState === 'differs' && (
          <>
            <Icon name="cross" /> {t('reading.digestDiffers')}
          </>
        )}
      </span>
      <span>
        {t('reading.regionsJudged', { judged: props.judgedRegions, count: regions.length })}
      </span>
      <span>{t('reading.seen', { percent: props.seenPercent })}</span>
      <span className="muted draft-line">{props.draftLine}</span>
      <Elapsed />
      <button type="button" className="quiet" onClick={props.onHelp}>
        <kbd>?</kbd> {t('keys.title')}
      </button>
    </header>
  );
}
