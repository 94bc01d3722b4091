/** Original, side A and side B at one place of the patient, in one window. */
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sliceAt } from '../../viewer/geometry';
import { Pane } from '../../viewer/pane';
import type { Stack } from '../../viewer/stack';
import { type Camera, WHOLE_IMAGE } from '../../viewer/view';
import { type GreyWindow, windowOfData } from '../../viewer/window';
import type { PairPane, PairStacks } from './use_pair_images';

const PANES: readonly PairPane[] = ['original', 'a', 'b'];
const WAITING: GreyWindow = { centre: 40, width: 400 };

function firstWindow(original: Stack): GreyWindow {
  const middle = original.slices[Math.floor(original.slices.length / 2)];
  if (!middle) return WAITING;
  return middle.header?.window ?? windowOfData(middle.values, middle.excluded);
}

/** What all panes share: the place, the window and how far one has zoomed. */
export function usePairView(stacks: PairStacks) {
  const { original } = stacks;
  const [index, setIndex] = useState(0);
  const [window, setWindow] = useState<GreyWindow>(WAITING);
  const [camera, setCamera] = useState<Camera>(WHOLE_IMAGE);
  useEffect(() => {
    if (!original) return;
    setIndex(Math.floor(original.slices.length / 2));
    setWindow(firstWindow(original));
  }, [original]);
  const last = Math.max(0, (original?.slices.length ?? 1) - 1);
  const scroll = (by: number) => setIndex((at) => Math.max(0, Math.min(last, at + by)));
  return { index, count: last + 1, scroll, window, setWindow, camera, setCamera };
}

type PairView = ReturnType<typeof usePairView>;

interface PanesProps {
  stacks: PairStacks;
  view: PairView;
}

export function PairPanes({ stacks, view }: PanesProps) {
  return (
    <div className="pair-panes">
      {PANES.map((name) => (
        <PairPaneOf key={name} name={name} stacks={stacks} view={view} />
      ))}
    </div>
  );
}

function PairPaneOf({ name, stacks, view }: PanesProps & { name: PairPane }) {
  const { t } = useTranslation();
  const { original } = stacks;
  const stack = stacks[name];
  const positionMm = original?.positionsMm[view.index];
  const at =
    stack && positionMm !== undefined
      ? sliceAt(stack.positionsMm, positionMm, stack.toleranceMm)
      : null;
  const imageIds = useMemo(() => stack?.slices.map(({ imageId }) => imageId ?? '') ?? [], [stack]);
  const shown = useMemo(
    () => (at === null ? null : { imageIds, index: at, window: view.window }),
    [imageIds, at, view.window],
  );
  const label = t(`compare.pane.${name}`);
  const { centre, width } = view.window;
  return (
    <Pane
      viewportId={`pair-${name}`}
      label={label}
      plane={at === null ? null : (stack?.slices[at]?.plane ?? null)}
      shown={shown}
      marks={[]}
      framed={name !== 'original'}
      topLeft={label}
      topRight={name === 'original' ? '' : t('compare.madeByAi')}
      bottomLeft={
        positionMm === undefined
          ? ''
          : t('compare.slice', {
              at: view.index + 1,
              of: view.count,
              mm: positionMm.toFixed(1),
            })
      }
      bottomRight={`W ${Math.round(width)} C ${Math.round(centre)}`}
      absent={stacks.error ? t('compare.absent') : t('compare.loading')}
      window={view.window}
      camera={view.camera}
      onScroll={view.scroll}
      onWindow={view.setWindow}
      onCamera={view.setCamera}
      onPoint={() => undefined}
      onStroke={null}
      onClick={null}
    />
  );
}
