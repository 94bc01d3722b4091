/** The reading room's address: opens the case, then gives it the whole window. */
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty, Fault, RefusalNote } from '../../components/note';
import { objectDesk } from '../../viewer/object_desk';
import { useOwnWindow } from './own_window';
import { ReadingRoom } from './reading_room';
import { useOpenCase } from './use_open_case';
import { warmRoom } from './warm_room';
import './reading.css';

/** Has everything at hand that the first image of the first case would otherwise wait for. */
export function makeReady(): Promise<void> {
  // Its worker is there when the first image is asked for.
  objectDesk();
  return warmRoom();
}

export function ReadingPage() {
  const { caseId } = useParams({ from: '/read/$caseId' });
  const { t } = useTranslation();
  const opened = useOpenCase(caseId);
  const own = useOwnWindow(t('room.detach'));
  if (opened.isPending) return <main className="room-wait room-full">{t('reading.opening')}</main>;
  if (opened.isError) {
    return (
      <main className="page">
        <Fault error={opened.error} onRetry={() => void opened.refetch()} />
      </main>
    );
  }
  const answer = opened.data;
  if (answer.kind === 'open' || answer.kind === 'signed') {
    return <ReadingRoom key={caseId} readingCase={answer.readingCase} own={own} />;
  }
  return (
    <main className="page">
      {answer.kind === 'refused' ? (
        <RefusalNote refusal={answer.refusal} />
      ) : (
        <Empty title={t('reading.unknown.title')}>{t('reading.unknown.text')}</Empty>
      )}
      <WayBack />
    </main>
  );
}

/** To the worklist with Enter: who came by the keyboard goes on by it. */
function WayBack() {
  const { t } = useTranslation();
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => link.current?.focus(), []);
  return (
    <Link ref={link} to="/worklist">
      {t('nav.worklist')}
    </Link>
  );
}
