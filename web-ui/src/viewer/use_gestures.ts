/** What the mouse does on a pane: window, pan, zoom, scroll, point, place. */
import { type RefObject, useEffect, useRef } from 'react';
import type { Point3 } from './geometry';
import { type Projection, toPatient } from './projection';
import { type Camera, zoomed } from './view';
import { dragWindow, type GreyWindow } from './window';

export interface Gestures {
  /** By how many slices; positive goes on in the order of positions. */
  onScroll: (by: number) => void;
  /** Null on panes without a grey window. */
  onWindow: ((window: GreyWindow) => void) | null;
  onCamera: (camera: Camera) => void;
  /** The patient point under the pointer; null when it leaves. */
  onPoint: (point: Point3 | null) => void;
  /** A click that places a mark; null while none is being placed. */
  onPlace: ((point: Point3) => void) | null;
  window: GreyWindow;
  camera: Camera;
  projection: Projection | null;
}

type Drag = 'window' | 'pan' | 'zoom';

function dragOf(event: PointerEvent): Drag | null {
  if (event.button === 1 || (event.button === 0 && event.shiftKey)) return 'pan';
  if (event.button === 2 || (event.button === 0 && event.ctrlKey)) return 'zoom';
  return event.button === 0 ? 'window' : null;
}

function pointUnder(element: HTMLElement, event: MouseEvent, projection: Projection): Point3 {
  const box = element.getBoundingClientRect();
  return toPatient(projection, event.clientX - box.left, event.clientY - box.top);
}

function drag(kind: Drag, event: PointerEvent, gestures: Gestures): void {
  const { movementX: right, movementY: down } = event;
  const { camera, projection } = gestures;
  if (kind === 'window') gestures.onWindow?.(dragWindow(gestures.window, right, down));
  if (kind === 'zoom') gestures.onCamera(zoomed(camera, Math.exp(-down / 150)));
  if (kind === 'pan' && projection) {
    gestures.onCamera({
      ...camera,
      rightMm: camera.rightMm - right / projection.pixelsPerMm,
      downMm: camera.downMm - down / projection.pixelsPerMm,
    });
  }
}

/** Listens on an element. The newest gestures count, without listening anew. */
export function useGestures(element: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const newest = useRef(gestures);
  useEffect(() => {
    newest.current = gestures;
  });
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    let dragging: Drag | null = null;
    const down = (event: PointerEvent) => {
      const { onPlace, projection } = newest.current;
      if (event.button === 0 && onPlace && projection) {
        onPlace(pointUnder(target, event, projection));
        return;
      }
      dragging = dragOf(event);
      if (dragging) target.setPointerCapture(event.pointerId);
      event.preventDefault();
    };
    const move = (event: PointerEvent) => {
      const { onPoint, projection } = newest.current;
      if (dragging) drag(dragging, event, newest.current);
      if (projection) onPoint(pointUnder(target, event, projection));
    };
    const up = () => {
      dragging = null;
    };
    const leave = () => newest.current.onPoint(null);
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      if (event.ctrlKey) {
        newest.current.onCamera(zoomed(newest.current.camera, Math.exp(-event.deltaY / 300)));
      } else newest.current.onScroll(event.deltaY > 0 ? 1 : -1);
    };
    const menu = (event: Event) => event.preventDefault();
    target.addEventListener('pointerdown', down);
    target.addEventListener('pointermove', move);
    target.addEventListener('pointerup', up);
    target.addEventListener('pointerleave', leave);
    target.addEventListener('wheel', wheel, { passive: false });
    target.addEventListener('contextmenu', menu);
    return () => {
      target.removeEventListener('pointerdown', down);
      target.removeEventListener('pointermove', move);
      target.removeEventListener('pointerup', up);
      target.removeEventListener('pointerleave', leave);
      target.removeEventListener('wheel', wheel);
      target.removeEventListener('contextmenu', menu);
    };
  }, [element]);
}
