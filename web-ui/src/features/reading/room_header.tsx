/** The line above the images: who, what, how far. */
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Study } from '../../api/types';
import { StageBadge } from '../../components/badge';
import { Icon } from '../../components/icon';
import { ageAndSex, inARow, patientIdOf, personName } from '../../components/patient';
import { dicomDate, minutesAndSeconds, useSecondsUntil } from '../../components/time';
import { useViewer } from '../session/session';
import { type LastSigned, lastSignedOf } from './last_signed';
import type { Reading } from './use_reading';

const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false } as const;

/** Minutes and seconds since the room was opened. */
function Elapsed() {
  const { t } = useTranslation();
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const start = Date.now();
    const timer = setInterval(() => setSeconds(Math.floor((Date.now() - start) / 1000)), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span title={t('reading.elapsed')}>{minutesAndSeconds(seconds)}</span>;
}

/** Who it is: never gives way to anything else. */
function Who({ study }: { study: Pick<Study, 'patient' | 'studyDate'> }) {
  const { t, i18n } = useTranslation();
  const { patient } = study;
  const facts = ageAndSex(patient, study.studyDate);
  return (
    <span className="room-who">
      <h1>{personName(patient.name, i18n.language)}</h1>
      <span className="mono room-id">{patientIdOf(patient)}</span>
      {patient.birthDate && (
        <span className="room-id">{t('room.born', { date: dicomDate(patient.birthDate) })}</span>
      )}
      {facts && <span className="room-id">{facts}</span>}
    </span>
  );
}

/** Whether what arrived is what would be signed. */
function DigestLine({ images, digestState }: Reading) {
  const { t } = useTranslation();
  const { loaded, total } = images;
  return (
    <span className={`digest digest-${digestState}`} role="status">
      {digestState === 'loading' && t('reading.loading', { loaded, total })}
      {digestState === 'matches' && (
        <>
          <Icon name="check" /> {t('reading.digestMatches', { total })}
        </>
      )}
      {digestState === 'differs' && (
        <>
          <Icon name="cross" /> {t('reading.digestDiffers')}
        </>
      )}
    </span>
  );
}

/** How the draft stands, in a few words; nothing once the read is signed. */
function DraftLine({ hold: { draft, held }, readOnly }: Reading) {
  const { t, i18n } = useTranslation();
  const words = () => {
    if (readOnly) return '';
    if (!held) return t('reading.draftRefused');
    if (draft.offline) return t('reading.draftOffline');
    if (!draft.isSaved) return t('reading.draftSaving');
    if (!draft.savedAt) return '';
    const time = new Date(draft.savedAt).toLocaleTimeString(i18n.language, CLOCK);
    return t('reading.draftSaved', { time });
  };
  return <span className="muted draft-line">{words()}</span>;
}

/** Back to the case that was signed before this one, with the time for which it can still be taken back. */
function LastSignedLink({ caseId, withdrawUntil }: LastSigned) {
  const { t } = useTranslation();
  return (
    <Link to="/read/$caseId" params={{ caseId }} className="back">
      ← {t('advance.lastSigned')}
      {withdrawUntil && <TimeLeft until={withdrawUntil} />}
    </Link>
  );
}

function TimeLeft({ until }: { until: string }) {
  const seconds = useSecondsUntil(until);
  return seconds > 0 && ` (${minutesAndSeconds(seconds)})`;
}

export function RoomHeader({ reading }: { reading: Reading }) {
  const { readingCase, judgedRegions, seen, room } = reading;
  const { t } = useTranslation();
  const viewer = useViewer();
  const { study, source, regions, deployment } = readingCase;
  const last = lastSignedOf(viewer.id);
  const facts = inARow(
    dicomDate(study.studyDate),
    study.studyDescription,
    source.seriesDescription,
    deployment.name,
  );
  return (
    <header className="room-head">
      <Link to="/worklist" className="back">
        ← {t('nav.worklist')}
      </Link>
      {last && last.caseId !== readingCase.id && <LastSignedLink {...last} />}
      <Who study={study} />
      <span className="room-facts" title={facts}>
        {facts}
      </span>
      <StageBadge value={readingCase.stage} />
      <span className="spring" />
      <DigestLine {...reading} />
      <span>{t('reading.regionsJudged', { judged: judgedRegions, count: regions.length })}</span>
      <span>{t('reading.seen', { percent: seen.percent })}</span>
      <DraftLine {...reading} />
      <Elapsed />
      <button type="button" className="quiet" onClick={() => room.setHelp(true)}>
        <kbd>?</kbd> {t('keys.title')}
      </button>
    </header>
  );
}
