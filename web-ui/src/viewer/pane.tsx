/** One pane: an image, its frame, four lines of text at its corners, marks over it. Knows no data. */
import { type CSSProperties, type ReactNode, useMemo, useRef } from 'react';
import type { Plane, Point3 } from './geometry';
import { sideOf } from './geometry';
import { type Line, type Mark, MarkLayer, type MeasureMark } from './mark_layer';
import { projectionOf } from './projection';
import { type Gestures, useGestures } from './use_gestures';
import { type OnDrawn, type Shown, usePanePlace, useViewport } from './use_viewport';
import './pane.css';

export interface PaneProps extends Omit<Gestures, 'projection'> {
  viewportId: string;
  /** The name of the pane for assistive technology. */
  label: string;
  plane: Plane | null;
  /** What the camera is over where it isn't the pane's own plane: the slice of a neighbour. */
  frame?: Plane | null;
  shown: Shown | null;
  marks: readonly Mark[];
  measures?: readonly MeasureMark[];
  /** A line of equal value over the image, in pixels of its plane. */
  contour?: string | null;
  /** Where other planes cut this one. */
  lines?: readonly Line[];
  /** The AI's pixels are always framed. */
  framed: boolean;
  topLeft: ReactNode;
  topRight: ReactNode;
  bottomLeft: ReactNode;
  bottomRight: ReactNode;
  /** Said in place of the image where there is none. */
  absent: string;
  /** Kept ready behind the pane that is shown, so that changing places needs no loading. */
  concealed?: boolean;
  /** How much of the width another pane below this one has, 0–1; null where it has none. */
  curtain?: number | null;
  onDrawn?: OnDrawn;
}

const opposite = ([x, y, z]: Point3): Point3 => [-x, -y, -z];

function namesOf({ framed, onStroke, concealed, curtain }: PaneProps): string {
  const names = [
    'pane',
    framed && 'pane-ai',
    onStroke && 'pane-placing',
    concealed && 'pane-concealed',
    typeof curtain === 'number' && 'pane-curtained',
  ];
  return names.filter(Boolean).join(' ');
}

export function Pane(props: PaneProps) {
  const { plane, frame, shown, camera, viewportId, curtain } = props;
  const element = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const place = usePanePlace(element);
  const projection = useMemo(
    () => (plane && place ? projectionOf(plane, place, camera, frame ?? plane) : null),
    [plane, frame, place, camera],
  );
  useViewport(element, viewportId, place, shown, projection, props.onDrawn);
  useGestures(surface, { ...props, projection });
  const style = typeof curtain === 'number' ? { '--curtain': `${100 * curtain}%` } : undefined;
  return (
    <figure
      className={namesOf(props)}
      aria-label={props.label}
      data-pane={viewportId}
      style={style as CSSProperties}
    >
      <div ref={surface} className="pane-surface">
        <div ref={element} className={shown ? 'pane-image' : 'pane-image pane-empty'} />
        {projection && (
          <MarkLayer
            projection={projection}
            marks={props.marks}
            measures={props.measures ?? []}
            contour={props.contour ?? null}
            lines={props.lines ?? []}
          />
        )}
        {!shown && <p className="pane-absent">{props.absent}</p>}
        {projection && (
          <>
            <span className="pane-side pane-side-left" aria-hidden="true">
              {sideOf(opposite(projection.right))}
            </span>
            <span className="pane-side pane-side-top" aria-hidden="true">
              {sideOf(opposite(projection.down))}
            </span>
          </>
        )}
      </div>
      <figcaption>
        <span className="corner corner-tl">{props.topLeft}</span>
        <span className="corner corner-tr">{props.topRight}</span>
        <span className="corner corner-bl">{props.bottomLeft}</span>
        <span className="corner corner-br">{props.bottomRight}</span>
      </figcaption>
    </figure>
  );
}
