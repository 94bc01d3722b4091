/** The pane of a prior: an acquired image of another day, never framed and never named as made by an AI. */
import type { TFunction } from 'i18next';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Prior, ReadingCase } from '../../api/types';
import { inARow } from '../../components/patient';
import { dicomDate } from '../../components/time';
import { type Point3, sliceAt } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import { Pane } from '../../viewer/pane';
import { ageBetween, planeBeside } from '../../viewer/prior';
import { valueAt } from '../../viewer/stack';
import type { Gestures } from '../../viewer/use_gestures';
import type { View } from '../../viewer/view';
import { figure, signed } from './numbers';
import type { PaneScene } from './pane_scene';
import { greyLine, Identity, SliceLine } from './pane_words';
import type { PriorBeside } from './use_prior';

interface PriorPaneProps extends Omit<Gestures, 'projection'> {
  readingCase: ReadingCase;
  beside: PriorBeside;
  scene: PaneScene;
  view: View;
  identity: string;
  marks: readonly Mark[];
}

/** "3 months earlier". */
function ageWords(t: TFunction, earlier: string, later: string): string {
  const { unit, count } = ageBetween(earlier, later);
  return count === 0 ? t('prior.sameDay') : t(`prior.earlier.${unit}`, { count });
}

/** Which image of which day this is. */
function Which({
  prior,
  beside,
  readingCase,
  view,
}: Omit<PriorPaneProps, 'scene'> & { prior: Prior }) {
  const { t } = useTranslation();
  const { studyDate } = readingCase.study;
  const what = inARow(
    beside.count > 1 ? t('prior.of', { at: view.prior.index + 1, of: beside.count }) : null,
    prior.modality,
    prior.studyDescription,
    prior.seriesDescription,
    t(`prior.likeness.${prior.likeness}`),
  );
  return (
    <>
      <strong>
        {t('prior.title')} {dicomDate(prior.studyDate)} · {ageWords(t, prior.studyDate, studyDate)}
      </strong>
      <span className="pane-what">{what}</span>
    </>
  );
}

/** What the two are linked by; by hand it says where, and what is still to be done. */
function LinkLine({ beside, view }: Pick<PriorPaneProps, 'beside' | 'view'>) {
  const { t } = useTranslation();
  const { link } = beside;
  if (!link) return null;
  if (link === 'frame') return <span>{t('prior.link.frame')}</span>;
  const { alignedAtMm, offsetMm } = view.prior;
  const why = t(link === 'other-plane' ? 'prior.link.otherPlane' : 'prior.link.otherFrame');
  if (alignedAtMm === null) {
    return (
      <span className="wait">
        ⚠ {why}: {t('prior.link.toAlign')}
      </span>
    );
  }
  const at = figure(alignedAtMm, 1);
  return (
    <span className="wait">
      ⚠ {why}: {t('prior.link.byHand', { at, offset: signed(offsetMm, 1) })}
    </span>
  );
}

/** What is said in place of the image while there is none. */
function absentWords(t: TFunction, beside: PriorBeside): string {
  const { error, prior, stack, isListed, isAsking, loaded } = beside;
  if (error)
    return t(beside.count > 1 ? 'prior.failedOfSeveral' : 'prior.failed', { why: error.message });
  if (isAsking) return t('reading.paneLoading');
  if (!isListed) return t('prior.notHeld');
  if (!prior) return t('prior.none');
  if (!stack) return t('prior.loading', { loaded, total: prior.instanceCount });
  return t('reading.noSlice');
}

export function PriorPane(props: PriorPaneProps) {
  const { readingCase, beside, scene, view, identity, marks, ...gestures } = props;
  const { t } = useTranslation();
  const [hovered, setHovered] = useState<Point3 | null>(null);
  const { prior, stack, link, isByHand } = beside;
  const positionMm = view.positionMm + view.prior.offsetMm;
  const index = stack ? sliceAt(stack.positionsMm, positionMm, stack.toleranceMm) : null;
  const slice = (index === null ? null : stack?.slices[index]) ?? null;
  const window = view.priorWindow ?? view.window;
  const imageIds = useMemo(() => stack?.slices.map(({ imageId }) => imageId ?? '') ?? [], [stack]);
  const shown = useMemo(
    () => (index === null ? null : { imageIds, index, window, inverted: view.inverted }),
    [imageIds, index, window, view.inverted],
  );
  const current = scene.slices.original?.plane ?? scene.original?.slices[0]?.plane ?? null;
  const frame = useMemo(
    () => (slice && current && link ? planeBeside(current, slice.plane, link) : null),
    [slice, current, link],
  );
  const point = hovered ?? (link === 'frame' ? scene.point : null);
  const value = point && slice ? valueAt(stack, positionMm, point) : null;
  const unit = slice?.header?.unit ?? '';
  const isLoose = isByHand && view.prior.alignedAtMm === null;
  return (
    <Pane
      {...gestures}
      viewportId="prior"
      label={t('prior.title')}
      framed={false}
      plane={slice?.plane ?? null}
      frame={frame}
      shown={shown}
      // Findings are places of today's patient coordinates: only within one frame of reference do they lie here too.
      marks={link === 'frame' ? marks.filter(({ kind }) => kind === 'finding') : []}
      absent={absentWords(t, beside)}
      window={window}
      onScroll={isLoose ? beside.moveAlone : gestures.onScroll}
      onPoint={(at) => {
        setHovered(at);
        if (link === 'frame') gestures.onPoint(at);
      }}
      onStroke={null}
      onClick={null}
      topLeft={prior ? <Which {...props} prior={prior} /> : <strong>{t('prior.title')}</strong>}
      topRight={<Identity words={identity} />}
      bottomLeft={slice ? greyLine(window, value, unit) : ''}
      bottomRight={
        <>
          {stack && index !== null && (
            <SliceLine stack={stack} index={index} positionMm={positionMm} />
          )}
          <LinkLine beside={beside} view={view} />
        </>
      }
    />
  );
}
