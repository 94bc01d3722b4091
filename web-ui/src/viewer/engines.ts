/** Cornerstone's rendering engines: started once, and what they draw into kept from one case to the next. */
import {
  Enums,
  metaData,
  RenderingEngine,
  init as startCore,
  type Types,
  utilities,
} from '@cornerstonejs/core';
import { init as startLoader } from '@cornerstonejs/dicom-image-loader';
import type { PaneSize } from './projection';

/** Whether a pane fills the window but for what stands at its edges, or shares it with other panes. */
export type Share = 'whole' | 'part';

/** Above this share of the window's area a pane has no other beside it. */
const WHOLE_FROM = 0.5;

export function shareOf(
  { width, height }: PaneSize,
  page: Pick<Window, 'innerWidth' | 'innerHeight'>,
): Share {
  return width * height >= WHOLE_FROM * page.innerWidth * page.innerHeight ? 'whole' : 'part';
}

let engines: Record<Share, RenderingEngine> | null = null;

/**
 * Starts Cornerstone once.
 *
 * An engine gives its viewports contexts by their turn, and a context whose viewport has gone keeps its drawing buffer,
 * which takes long to make, for one of the same size. Each case begins with one large pane and goes on with several small
 * ones: with an engine for each, every pane finds the buffer that the case before left, and nothing of that case itself.
 */
export function startCornerstone(): Record<Share, RenderingEngine> {
  if (engines) return engines;
  startCore();
  startLoader({ maxWebWorkers: Math.max(1, Math.min(4, navigator.hardwareConcurrency - 1)) });
  // Behind the loader's own provider: answers for the images that the page computes.
  metaData.addProvider(utilities.genericMetadataProvider.get, 1);
  engines = {
    whole: new RenderingEngine('countersign whole'),
    part: new RenderingEngine('countersign part'),
  };
  return engines;
}

export const renderingEngine = (share: Share): RenderingEngine => startCornerstone()[share];

export function viewportOf(share: Share, viewportId: string): Types.IStackViewport | undefined {
  return renderingEngine(share).getViewport(viewportId) as Types.IStackViewport | undefined;
}

export function enableViewport(share: Share, viewportId: string, element: HTMLDivElement): void {
  const type = Enums.ViewportType.STACK;
  renderingEngine(share).enableElement({ viewportId, element, type });
}
