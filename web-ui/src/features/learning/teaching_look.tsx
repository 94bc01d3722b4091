/** Looking at each image of a teaching set, in full size, before anybody answers for it. */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { TeachingSet } from '../../api/teaching_documents';
import type { Contrast } from './paint';
import { imageQuery, TeachingImage } from './teaching_image';

/** For how long an image stands at least, ms: shorter, nobody has looked at it. */
const LOOKED_AFTER_MS = 200;
/** How many images are fetched ahead. */
const AHEAD = 3;
const BOTH = ['original', 'ai'] as const;

/** Counts a slice once both of its images have stood long enough; gives how many have. */
function useSeen() {
  const seen = useRef(new Set<number>());
  const painted = useRef<Record<string, number>>({});
  const [count, setCount] = useState(0);
  const note = useCallback((series: string, of: number) => {
    painted.current[series] = of;
    if (!BOTH.every((one) => painted.current[one] === of)) return;
    setTimeout(() => {
      // It may have been passed by meanwhile.
      if (!BOTH.every((one) => painted.current[one] === of)) return;
      seen.current.add(of);
      setCount(seen.current.size);
    }, LOOKED_AFTER_MS);
  }, []);
  return { count, note, has: (of: number) => seen.current.has(of) };
}

interface TeachingLookProps {
  set: TeachingSet;
  /** What may be done, given how many slices were looked at. */
  children: (seen: number) => React.ReactNode;
}

export function TeachingLook({ set, children }: TeachingLookProps) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const id = useId();
  const [slice, setSlice] = useState(0);
  const [contrast, setContrast] = useState<Contrast>('narrow');
  const [isPlaying, setPlaying] = useState(false);
  const { count, note, has } = useSeen();
  const last = set.slices - 1;
  useEffect(() => {
    for (let next = slice + 1; next <= Math.min(slice + AHEAD, last); next += 1) {
      for (const series of BOTH) void queries.prefetchQuery(imageQuery(set.id, series, next));
    }
  }, [slice, last, set.id, queries]);
  // On to the next one as soon as this one was looked at.
  const isSeen = count > 0 && has(slice);
  useEffect(() => {
    if (!isPlaying || !isSeen) return;
    if (slice === last) setPlaying(false);
    else setSlice(slice + 1);
  }, [isPlaying, isSeen, slice, last]);
  const original = useCallback((of: number) => note('original', of), [note]);
  const ai = useCallback((of: number) => note('ai', of), [note]);
  const shared = { set: set.id, slice, contrast };
  return (
    <section aria-label={t('teaching.look')} className="teaching-look">
      <p className="muted">{t('teaching.lookMeaning')}</p>
      <div className="teaching-bar">
        <button type="button" onClick={() => setPlaying(!isPlaying)}>
          {t(isPlaying ? 'teaching.pause' : 'teaching.play')}
        </button>
        <label htmlFor={id}>{t('teaching.image')}</label>
        <input
          id={id}
          type="range"
          min={0}
          max={last}
          value={slice}
          aria-valuetext={t('teaching.of', { number: slice + 1, count: set.slices })}
          onChange={(event) => setSlice(Number(event.target.value))}
        />
        <span>{t('teaching.of', { number: slice + 1, count: set.slices })}</span>
        <button
          type="button"
          className="quiet"
          onClick={() => setContrast(contrast === 'wide' ? 'narrow' : 'wide')}
        >
          {t(contrast === 'wide' ? 'teaching.narrow' : 'teaching.wide')}
        </button>
        <span className="spring" />
        <span role="status">{t('teaching.seen', { seen: count, count: set.slices })}</span>
      </div>
      <div className="teaching-images">
        <TeachingImage {...shared} series="original" onPainted={original} />
        <TeachingImage {...shared} series="ai" onPainted={ai} />
      </div>
      {children(count)}
    </section>
  );
}
