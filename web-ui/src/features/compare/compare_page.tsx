/** One pair: the original and two AI images of it, side by side, by a reader who doesn't know which is which. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ask } from '../../api/client';
import { type ComparisonPair, openComparisonPairMutation } from '../../api/comparison_documents';
import { Fault, RefusalNote } from '../../components/note';
import { personName } from '../../components/patient';
import { NOTHING_TYPED, preferenceOf, type TypedAnswer } from './answer';
import { AnswerForm } from './answer_form';
import { PairPanes, usePairView } from './pair_panes';
import { usePairImages } from './use_pair_images';
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

function useKeys(act: (key: string) => void) {
  useEffect(() => {
    const stop = new AbortController();
    window.addEventListener(
      'keydown',
      (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
        act(event.key);
      },
      { signal: stop.signal },
    );
    return () => stop.abort();
  }, [act]);
}

function CompareRoom({ pair }: { pair: ComparisonPair }) {
  const { t, i18n } = useTranslation();
  const queries = useQueryClient();
  const [signed, setSigned] = useState(pair.answer !== null);
  const [typed, setTyped] = useState<TypedAnswer>(pair.answer ?? NOTHING_TYPED);
  const stacks = usePairImages(pair);
  const view = usePairView(stacks);
  useKeys((key) => {
    const preference = preferenceOf(key);
    if (preference && !signed) setTyped((before) => ({ ...before, preference }));
    if (key === 'ArrowDown') view.scroll(1);
    if (key === 'ArrowUp') view.scroll(-1);
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
        <PairPanes stacks={stacks} view={view} />
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
              typed={typed}
              onTyped={setTyped}
              onSigned={done}
            />
          )}
        </aside>
      </main>
    </div>
  );
}
