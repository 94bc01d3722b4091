/** What the panes have in common: slices at the place, their images, the values under the pointer. */
import { useMemo, useState } from 'react';
import type { ReadingCase } from '../../api/types';
import { isoLine, pathOf } from '../../viewer/contour';
import {
  centreOf,
  type Plane,
  type Point3,
  pixelIndexAt,
  positionOf,
  sameGrid,
  sliceAt,
} from '../../viewer/geometry';
import { type Slice, type Stack, sliceOf, valueAt } from '../../viewer/stack';
import type { Shown } from '../../viewer/use_viewport';
import { type AcquiredPane, panesOf, type View } from '../../viewer/view';
import type { GreyWindow } from '../../viewer/window';
import {
  differencesOf,
  useDifferenceImage,
  useSourceWhereWide,
  useStructureImage,
  useUncertaintyImage,
} from './computed_images';
import type { CaseImages } from './use_case_images';
import { useStructure } from './use_structure';

export type Measured = Pick<Slice, 'plane' | 'values' | 'excluded'>;

function indexOf(stack: Stack | null, positionMm: number): number | null {
  return stack ? sliceAt(stack.positionsMm, positionMm, stack.toleranceMm) : null;
}

function useGreyImage(stack: Stack | null, index: number | null, window: GreyWindow): Shown | null {
  const imageIds = useMemo(() => stack?.slices.map((slice) => slice.imageId ?? '') ?? [], [stack]);
  return useMemo(
    () => (index === null ? null : { imageIds, index, window }),
    [imageIds, index, window],
  );
}

/** The line at which the half-width reaches the threshold on a slice, or null where it isn't wanted. */
function useContour(wanted: boolean, slice: Slice | null, threshold: number): string | null {
  return useMemo(() => {
    if (!wanted || !slice) return null;
    const { columns, rows } = slice.plane;
    return pathOf(isoLine(slice.values, columns, rows, threshold));
  }, [wanted, slice, threshold]);
}

/** Whether two series can be compared value by value, and share a window. */
export function areComparable(original: Stack | null, ai: Stack | null): boolean {
  const [one, two] = [original?.slices[0]?.header, ai?.slices[0]?.header];
  return !!one && !!two && one.modality === two.modality && one.unit === two.unit;
}

const inverted = (shown: Shown | null, is: boolean): Shown | null =>
  shown && is ? { ...shown, inverted: true } : shown;

function stacksOf({ original, ai, uncertainty, preview }: CaseImages) {
  // Until an image is whole, its middle slice stands for it, so that there is something to look at.
  return { original: original ?? preview.original, ai: ai ?? preview.ai, uncertainty };
}

export function usePaneScene(readingCase: ReadingCase, images: CaseImages, view: View) {
  const [point, setPoint] = useState<Point3 | null>(null);
  const stacks = stacksOf(images);
  const { original, ai, uncertainty } = stacks;
  const range = readingCase.model.uncertaintyRange;
  const differences = useMemo(
    () => (original && ai && areComparable(original, ai) ? differencesOf(original, ai) : null),
    [original, ai],
  );
  const index = {
    original: indexOf(original, view.positionMm),
    ai: indexOf(ai, view.positionMm),
    uncertainty: indexOf(uncertainty, view.positionMm),
  };
  const aiWindow = view.aiWindow ?? view.window;
  const open = panesOf(view);
  // What no pane shows isn't computed: the first original would wait for it.
  const wantedAt = (pane: AcquiredPane, at: number | null) => (open.includes(pane) ? at : null);
  const wantsStructure = view.difference === 'structure' && open.includes('difference');
  const structure = useStructure(wantsStructure, ai, differences, index.ai);
  const differenceAt = wantedAt('difference', index.ai);
  const structureImage = useStructureImage(ai, structure, view.noiseMask, differenceAt);
  const differenceImage = useDifferenceImage(ai, differences, view.noiseMask, differenceAt);
  const mixed = useSourceWhereWide(
    view.sourceWhereWide,
    stacks,
    view.threshold,
    index.ai,
    aiWindow,
  );
  const pure = useGreyImage(ai, index.ai, aiWindow);
  const originalImage = useGreyImage(original, index.original, view.window);
  const uncertaintyImage = useUncertaintyImage(
    uncertainty,
    range,
    view.threshold,
    wantedAt('uncertainty', index.uncertainty),
  );
  const shown: Record<AcquiredPane, Shown | null> = useMemo(
    () => ({
      original: inverted(originalImage, view.inverted),
      ai: inverted(mixed ?? pure, view.inverted),
      difference: view.difference === 'structure' ? structureImage : differenceImage,
      uncertainty: uncertaintyImage,
    }),
    [originalImage, mixed, pure, structureImage, differenceImage, uncertaintyImage, view],
  );
  const slices = {
    original: sliceOf(original, view.positionMm),
    ai: sliceOf(ai, view.positionMm),
    uncertainty: sliceOf(uncertainty, view.positionMm),
  };
  const contour = useContour(view.contour, slices.uncertainty, view.threshold);
  return {
    ...stacks,
    /** Whether the whole original is there, and not only its middle slice. */
    isWhole: images.original !== null,
    lower: images.lower,
    upper: images.upper,
    point,
    setPoint,
    differences,
    structure,
    index,
    slices,
    shown,
    isMixed: mixed !== null,
    contour: { path: contour, plane: slices.uncertainty?.plane ?? null },
    aiWindow,
  };
}

export type PaneScene = ReturnType<typeof usePaneScene>;

/** The value of a stack under the pointer, at whatever slice the pointer is. */
export function valueUnder(scene: PaneScene, stack: Stack | null): number | null {
  const { point, original } = scene;
  return point && original ? valueAt(stack, positionOf(point, original.normal), point) : null;
}

/** The value of the structure map under the pointer. */
export function scoreUnder(scene: PaneScene): number | null {
  const { point, slices, index } = scene;
  const scores = index.ai === null ? null : scene.structure.at(index.ai);
  const at = point && slices.ai ? pixelIndexAt(slices.ai.plane, point) : null;
  return scores && at !== null ? (scores[at] ?? null) : null;
}

/** The plane that a pane shows. */
export function planeOf(scene: PaneScene, pane: AcquiredPane): Plane | null {
  return scene.slices[pane === 'difference' ? 'ai' : pane]?.plane ?? null;
}

/** What an ellipse on a pane is measured in: the pane's own values, the padding of the original left out. */
export function measuredOn(scene: PaneScene, pane: AcquiredPane): Measured | null {
  const { original, ai, uncertainty } = scene.slices;
  const slice = { original, ai, difference: ai, uncertainty }[pane];
  if (!slice) return null;
  const fits = original && sameGrid(original.plane, slice.plane);
  const excluded = slice.excluded ?? (fits ? original.excluded : null);
  if (pane !== 'difference') return { plane: slice.plane, values: slice.values, excluded };
  const values = scene.index.ai === null ? null : scene.differences?.at(scene.index.ai);
  return values ? { plane: slice.plane, values, excluded } : null;
}

/** Where the planes of the view cross. */
export function crossOf(scene: PaneScene, view: View): Point3 | null {
  const slice = scene.original?.slices[0];
  return view.cross ?? (slice ? centreOf(slice.plane) : null);
}
