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
  /** A stroke of a tool, from press to release; null while no tool is in hand. */
  onStroke: ((stroke: Stroke) => void) | null;
  /** A click with no tool in hand; null where it means nothing. */
  onClick: ((point: Point3) => void) | null;
  window: GreyWindow;
  camera: Camera;
  projection: Projection | null;
}

/** What a tool draws: from where to where in the patient, and whether the button has been let go. */
export interface Stroke {
  from: Point3;
  to: Point3;
  /** What lies to the right and below on the screen, in patient coordinates. */
  right: Point3;
  down: Point3;
  /** How far the pointer has come, CSS pixels; less than a few is a click. */
  reach: number;
  isDone: boolean;
}

/** Less than this is a click and no drag, CSS pixels. */
export const CLICK_REACH = 4;

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
    const { turn } = camera;
    const moved = (axis: 0 | 1) =>
      (right * turn.right[axis] + down * turn.down[axis]) / projection.pixelsPerMm;
    gestures.onCamera({
      ...camera,
      rightMm: camera.rightMm - moved(0),
      downMm: camera.downMm - moved(1),
    });
  }
}

/** A press that has not been let go. */
interface Press {
  x: number;
  y: number;
  from: Point3;
  drag: Drag | null;
}

function strokeOf(
  press: Press,
  event: PointerEvent,
  to: Point3,
  gestures: Gestures,
): Stroke | null {
  const { projection } = gestures;
  if (!projection) return null;
  const reach = Math.hypot(event.clientX - press.x, event.clientY - press.y);
  const { right, down } = projection;
  return { from: press.from, to, right, down, reach, isDone: event.type === 'pointerup' };
}

/** What presses, moves and releases do; the newest gestures count, without listening anew. */
function listenersOf(target: HTMLElement, newest: { current: Gestures }) {
  let press: Press | null = null;
  const down = (event: PointerEvent) => {
    const { onStroke, projection } = newest.current;
    event.preventDefault();
    if (!projection) return;
    const hasTool = event.button === 0 && onStroke !== null;
    press = {
      x: event.clientX,
      y: event.clientY,
      from: pointUnder(target, event, projection),
      drag: hasTool ? null : dragOf(event),
    };
    target.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    const { onPoint, onStroke, projection } = newest.current;
    if (!projection) return;
    const point = pointUnder(target, event, projection);
    if (press?.drag) drag(press.drag, event, newest.current);
    else if (press && onStroke) {
      const stroke = strokeOf(press, event, point, newest.current);
      if (stroke) onStroke(stroke);
    }
    onPoint(point);
  };
  const up = (event: PointerEvent) => {
    const { onStroke, onClick, projection } = newest.current;
    const pressed = press;
    press = null;
    if (!pressed || !projection) return;
    const stroke = strokeOf(pressed, event, pointUnder(target, event, projection), newest.current);
    if (!stroke) return;
    if (!pressed.drag) onStroke?.(stroke);
    else if (event.button === 0 && stroke.reach < CLICK_REACH) onClick?.(pressed.from);
  };
  const lost = () => {
    press = null;
  };
  const leave = () => newest.current.onPoint(null);
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey) {
      newest.current.onCamera(zoomed(newest.current.camera, Math.exp(-event.deltaY / 300)));
    } else newest.current.onScroll(event.deltaY > 0 ? 1 : -1);
  };
  const menu = (event: Event) => event.preventDefault();
  return { down, move, up, lost, leave, wheel, menu };
}

/** Listens on an element. */
export function useGestures(element: RefObject<HTMLElement | null>, gestures: Gestures): void {
  const newest = useRef(gestures);
  useEffect(() => {
    newest.current = gestures;
  });
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const heard = listenersOf(target, newest);
    const stop = new AbortController();
    const { signal } = stop;
    target.addEventListener('pointerdown', heard.down, { signal });
    target.addEventListener('pointermove', heard.move, { signal });
    target.addEventListener('pointerup', heard.up, { signal });
    target.addEventListener('pointercancel', heard.lost, { signal });
    target.addEventListener('pointerleave', heard.leave, { signal });
    target.addEventListener('wheel', heard.wheel, { signal, passive: false });
    target.addEventListener('contextmenu', heard.menu, { signal });
    return () => stop.abort();
  }, [element]);
}
