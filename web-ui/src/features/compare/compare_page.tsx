/** One pair: the original and two AI images of it, side by side, by a reader who doesn't know which is which. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import {
  type ComparisonPair,
  openComparisonPairMutation,
  type Preference,
} from '../../api/comparison_documents';
import { Fault, RefusalNote } from '../../components/note';
import { personName } from '../../components/patient';
import { SCROLL_COMMANDS } from '../reading/key_map';
import { useKeys } from '../reading/use_keys';
import { NOTHING_TYPED, preferenceOf } from './answer';
import { AnswerForm } from './answer_form';
import { PAIR_KEYS } from './pair_keys';
import { PairPanes, usePairView } from './pair_panes';
import { usePairAnswer } from './use_answer';
import { usePairImages } from './use_pair_images';
import '../reading/reading.css';
import './compare.css';

export function ComparePage() {
  const { pairId } = useParams({ from: '/compare/$pairId' });
  const { t } = useTranslation();
  const opened = useQuery({
    queryKey: ['open-pair', pairId],
    queryFn: async () =>
      (await ask(openComparisonPairMutation, { input: { pairId } })).openComparisonPair,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  if (opened.isPending) return <main className="room-wait room-full">{t('compare.opening')}</main>;
  if (opened.isError) {
    return (
      <main className="page">
        <Fault error={opened.error} onRetry={() => void opened.refetch()} />
      </main>
    );
  }
  const { pair, refusal } = opened.data;
  if (!pair?.images) {
    return (
      <main className="page">
        {refusal && <RefusalNote refusal={refusal} />}
        <Link to="/worklist">{t('nav.worklist')}</Link>
      </main>
    );
  }
  return <CompareRoom key={pair.id} pair={pair} />;
}

/** Typing in a field is no choice. */
const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLSelectElement;

/** Hands over the keys of a preference, which no command has. */
function usePreferenceKeys(prefer: (preference: Preference) => void) {
  useEffect(() => {
    const stop = new AbortController();
    window.addEventListener(
      'keydown',
      (event) => {
        if (event.defaultPrevented || isTyping(event.target)) return;
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const preference = preferenceOf(event.key);
        if (preference) prefer(preference);
      },
      { signal: stop.signal },
    );
    return () => stop.abort();
  }, [prefer]);
}

function CompareRoom({ pair }: { pair: ComparisonPair }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [signed, setSigned] = useState(pair.answer !== null);
  const answering = usePairAnswer(pair.answer ?? NOTHING_TYPED, signed);
  const stacks = usePairImages(pair);
  const view = usePairView(stacks);
  useKeys(PAIR_KEYS, answering.marking === 'choose', (command) => {
    const by = SCROLL_COMMANDS[command];
    if (by !== undefined) view.scroll(by);
    else if (!signed) answering.run(command);
  });
  usePreferenceKeys((preference) => {
    // After `M` the digits name kinds of errors.
    if (answering.marking !== 'choose') answering.change((before) => ({ ...before, preference }));
  });
  const done = () => {
    setSigned(true);
    void queries.invalidateQueries({ queryKey: ['comparison-pairs'] });
  };
  return (
    <div className="compare">
      <header className="room-head">
        <Link className="back" to="/worklist">
          ← {t('nav.worklist')}
        </Link>
        <h1>{t('compare.title')}</h1>
        <span className="room-who">
          {personName(pair.study.patient.name, i18n.language)}
          <span className="room-id">{pair.study.patient.patientId}</span>
        </span>
        <span className="room-facts">
          {pair.source.modality} · {pair.source.bodyPartExamined} · {pair.source.seriesDescription}
        </span>
        <span className="spring" />
        <span className="muted">
          {stacks.digest
            ? t('compare.ready')
            : t('compare.loaded', { count: stacks.loaded, of: stacks.total })}
        </span>
      </header>
      <main className="compare-main">
        <PairPanes stacks={stacks} view={view} answering={answering} />
        <aside className="compare-side">
          {stacks.error && <p className="note note-bad">{t('compare.absent')}</p>}
          {signed ? (
            <div className="note">
              <strong>{t('compare.signed.title')}</strong>
              <p className="muted">{t('compare.signed.text')}</p>
              <Link to="/worklist">{t('nav.worklist')}</Link>
            </div>
          ) : (
            <AnswerForm
              pair={pair}
              digest={stacks.digest}
              answering={answering}
              onGo={({ centreMm }) => view.goTo(centreMm)}
              onSigned={done}
            />
          )}
        </aside>
      </main>
    </div>
  );
}
