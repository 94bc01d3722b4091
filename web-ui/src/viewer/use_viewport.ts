/** One Cornerstone viewport in a pane: its size, its stack, its place. */
import { Enums } from '@cornerstonejs/core';
import { type RefObject, useLayoutEffect, useRef, useState } from 'react';
import { handOver } from './cornerstone';
import { enableViewport, renderingEngine, type Share, shareOf, viewportOf } from './engines';
import { cornerstoneCamera, type PaneSize, type Projection } from './projection';
import type { GreyWindow } from './window';

/** What a pane shows. */
export interface Shown {
  imageIds: readonly string[];
  index: number;
  /** Null for images with colours of their own. */
  window: GreyWindow | null;
  inverted?: boolean;
}

/** Told when an image has been drawn, before the frame that shows it is: what, and where it lies. */
export type OnDrawn = (shown: Shown, projection: Projection) => void;

/** The size of a pane, and how much of its window that is. */
export interface PanePlace extends PaneSize {
  share: Share;
}

/** Follows the size of an element, in CSS pixels; known before the element is first painted. */
export function usePanePlace(element: RefObject<HTMLElement | null>): PanePlace | null {
  const [place, setPlace] = useState<PanePlace | null>(null);
  useLayoutEffect(() => {
    const target = element.current;
    if (!target) return;
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = target;
      if (width <= 0 || height <= 0) return;
      const share = shareOf({ width, height }, target.ownerDocument.defaultView ?? window);
      setPlace((before) => {
        const isSame = before?.width === width && before.height === height;
        return isSame && before.share === share ? before : { width, height, share };
      });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return place;
}

/**
 * Draws `shown` at `projection` into the element, which lies at `place`; draws nothing while one of them is null. The
 * image is handed over as the words about it are, before either is painted: one frame shows both.
 */
export function useViewport(
  element: RefObject<HTMLDivElement | null>,
  viewportId: string,
  place: PanePlace | null,
  shown: Shown | null,
  projection: Projection | null,
  onDrawn?: OnDrawn,
): void {
  const share = place?.share ?? null;
  const drawn = useRef(onDrawn);
  const stack = useRef<readonly string[] | null>(null);
  const drawing = useRef(0);
  /** Tells what the next frame of the viewport shows. */
  const handedOver = useRef<(() => void) | null>(null);

  useLayoutEffect(() => {
    drawn.current = onDrawn;
  });
  useLayoutEffect(() => {
    const target = element.current;
    if (!target || !share) return;
    enableViewport(share, viewportId, target);
    const tell = () => {
      const told = handedOver.current;
      handedOver.current = null;
      told?.();
    };
    target.addEventListener(Enums.Events.IMAGE_RENDERED, tell);
    return () => {
      drawing.current += 1;
      stack.current = null;
      handedOver.current = null;
      target.removeEventListener(Enums.Events.IMAGE_RENDERED, tell);
      renderingEngine(share).disableElement(viewportId);
    };
  }, [element, viewportId, share]);

  const width = projection?.size.width;
  const height = projection?.size.height;
  useLayoutEffect(() => {
    if (share && width && height) renderingEngine(share).resize(true, true);
  }, [share, width, height]);

  useLayoutEffect(() => {
    if (!share || !shown || !projection) return;
    drawing.current += 1;
    const turn = drawing.current;
    const draw = async () => {
      const viewport = viewportOf(share, viewportId);
      if (!viewport) return;
      handOver(shown.imageIds[shown.index]);
      if (stack.current !== shown.imageIds) {
        stack.current = shown.imageIds;
        await viewport.setStack([...shown.imageIds], shown.index);
      } else if (viewport.getCurrentImageIdIndex() !== shown.index) {
        await viewport.setImageIdIndex(shown.index);
      }
      if (turn !== drawing.current) return;
      if (shown.window) {
        const { centre, width: range } = shown.window;
        viewport.setProperties({
          voiRange: { lower: centre - range / 2, upper: centre + range / 2 },
          invert: shown.inverted ?? false,
        });
      }
      viewport.setCamera(cornerstoneCamera(projection));
      viewport.render();
      const told = drawn.current;
      handedOver.current = () => told?.(shown, projection);
    };
    draw().catch((error) => {
      // A viewport that was taken away while it loaded has nothing to say any more.
      if (turn === drawing.current) throw error;
    });
  }, [viewportId, share, shown, projection]);
}
