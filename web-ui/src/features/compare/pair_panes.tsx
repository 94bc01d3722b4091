/** Original, side A and side B at one place of the patient, in one window. */
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ErrorMark, SideErrors } from '../../api/comparison_documents';
import { type Point3, positionOf, sliceAt } from '../../viewer/geometry';
import type { Mark } from '../../viewer/mark_layer';
import { Pane } from '../../viewer/pane';
import type { Stack } from '../../viewer/stack';
import { type Camera, WHOLE_IMAGE } from '../../viewer/view';
import { type GreyWindow, windowOfData } from '../../viewer/window';
import { useTool } from '../reading/use_tool';
import type { PairAnswering } from './use_answer';
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
  const goTo = (centreMm: readonly number[]) => {
    if (!original) return;
    const wanted = positionOf(centreMm as Point3, original.normal);
    const distances = original.positionsMm.map((positionMm) => Math.abs(positionMm - wanted));
    setIndex(Math.max(0, distances.indexOf(Math.min(...distances))));
  };
  return { index, count: last + 1, scroll, goTo, window, setWindow, camera, setCamera };
}

type PairView = ReturnType<typeof usePairView>;

interface PanesProps {
  stacks: PairStacks;
  view: PairView;
  answering: PairAnswering;
}

export function PairPanes(props: PanesProps) {
  return (
    <div className="pair-panes">
      {PANES.map((name) => (
        <PairPaneOf key={name} name={name} {...props} />
      ))}
    </div>
  );
}

/** The marks of a side near the place that is shown, and the one that is being placed. */
function marksOn(
  { marks }: SideErrors,
  pending: Mark | null | undefined,
  original: Stack | null,
  positionMm: number | undefined,
): Mark[] {
  if (!original || positionMm === undefined) return [];
  const near = ({ centreMm, diameterMm }: ErrorMark) =>
    Math.abs(positionOf(centreMm as unknown as Point3, original.normal) - positionMm) <=
    Math.max(original.toleranceMm, diameterMm / 2);
  const shown = marks.flatMap((mark, index): Mark[] =>
    near(mark)
      ? [
          {
            key: `finding ${index}`,
            kind: 'finding',
            label: String(index + 1),
            centre: mark.centreMm as unknown as Point3,
            diameterMm: mark.diameterMm,
            current: false,
          },
        ]
      : [],
  );
  return pending ? [...shown, pending] : shown;
}

function PairPaneOf({ name, stacks, view, answering }: PanesProps & { name: PairPane }) {
  const { t } = useTranslation();
  const { original } = stacks;
  // An error is one of a side: the original has none.
  const side = name === 'original' ? null : name;
  const { pending, onStroke } = useTool(side && answering.tool, (drawn) => {
    if (side) answering.place(side, drawn);
  });
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
      marks={side ? marksOn(answering.typed[side], pending?.mark, original, positionMm) : []}
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
      onStroke={onStroke}
      onClick={null}
    />
  );
}
