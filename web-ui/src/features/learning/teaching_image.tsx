/** One image of a teaching set, pixel by pixel. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type TeachingSeries, teachingImageAddress } from '../../api/teaching_addresses';
import { type Contrast, painted, type Slice, sliceOf } from './paint';

/** What was looked at is soon let go: a set may have hundreds of images. */
const KEPT_MS = 5_000;

async function fetchSlice(address: string, signal: AbortSignal): Promise<Slice> {
  const answer = await fetch(address, { credentials: 'same-origin', signal });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const slice = sliceOf(await answer.arrayBuffer());
  if (!slice) throw new Error('the image is of another kind');
  return slice;
}

/** How an image of a set is fetched; the same for what is looked at and for what comes next. */
export const imageQuery = (set: string, series: TeachingSeries, slice: number) => ({
  queryKey: ['teaching-image', set, series, slice],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    fetchSlice(teachingImageAddress(set, series, slice), signal),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: KEPT_MS,
});

interface TeachingImageProps {
  set: string;
  series: TeachingSeries;
  slice: number;
  contrast: Contrast;
  /** It is on the screen. */
  onPainted: (slice: number) => void;
}

export function TeachingImage({ set, series, slice, contrast, onPainted }: TeachingImageProps) {
  const { t } = useTranslation();
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useQuery({ ...imageQuery(set, series, slice), placeholderData: keepPreviousData });
  const shown = image.data;
  const isNow = image.isSuccess && !image.isPlaceholderData;
  useEffect(() => {
    const target = canvas.current;
    if (!target || !shown) return;
    target.width = shown.columns;
    target.height = shown.rows;
    const pixels = new ImageData(painted(shown, contrast), shown.columns, shown.rows);
    target.getContext('2d')?.putImageData(pixels, 0, 0);
    if (isNow) onPainted(slice);
  }, [shown, contrast, isNow, slice, onPainted]);
  return (
    <figure className="teaching-image">
      <figcaption>{t(`teaching.${series}`)}</figcaption>
      {image.isError && <p className="note note-bad">{t('teaching.notShown')}</p>}
      <canvas ref={canvas} aria-label={t(`teaching.${series}`)} role="img" />
    </figure>
  );
}
