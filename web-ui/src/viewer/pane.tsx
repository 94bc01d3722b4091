/** One pane: an image, its frame, four lines of text at its corners, marks over it. Knows no data. */
import { type ReactNode, useMemo, useRef } from 'react';
import type { Plane, Point3 } from './geometry';
import { sideOf } from './geometry';
import { type Projection, projectionOf, toPane } from './projection';
import { type Gestures, useGestures } from './use_gestures';
import { type Shown, usePaneSize, useViewport } from './use_viewport';
import './pane.css';

/** A ring or a numbered cross over the image, in patient coordinates. */
export interface Mark {
  key: string;
  kind: 'region' | 'finding';
  label: string;
  centre: Point3;
  diameterMm: number;
  current: boolean;
}

export interface PaneProps extends Omit<Gestures, 'projection'> {
  viewportId: string;
  /** The name of the pane for assistive technology. */
  label: string;
  plane: Plane | null;
  shown: Shown | null;
  marks: readonly Mark[];
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
}

function MarkShape({ mark, projection }: { mark: Mark; projection: Projection }) {
  const [x, y] = toPane(projection, mark.centre);
  const radius = Math.max(8, (mark.diameterMm / 2) * projection.pixelsPerMm);
  const name = `mark mark-${mark.kind}${mark.current ? ' mark-current' : ''}`;
  return (
    <g className={name}>
      <circle cx={x} cy={y} r={radius} />
      {mark.kind === 'finding' && <path d={`M${x - 4} ${y}h8M${x} ${y - 4}v8`} />}
      <text x={x + radius * 0.72 + 3} y={y - radius * 0.72 - 2}>
        {mark.label}
      </text>
    </g>
  );
}

export function Pane(props: PaneProps) {
  const { plane, shown, marks, camera, viewportId } = props;
  const element = useRef<HTMLDivElement>(null);
  const surface = useRef<HTMLDivElement>(null);
  const size = usePaneSize(element);
  const projection = useMemo(
    () => (plane && size ? projectionOf(plane, size, camera) : null),
    [plane, size, camera],
  );
  useViewport(element, viewportId, shown, projection);
  useGestures(surface, { ...props, projection });
  const name = [
    'pane',
    props.framed && 'pane-ai',
    props.onPlace && 'pane-placing',
    props.concealed && 'pane-concealed',
  ];
  return (
    <figure
      className={name.filter(Boolean).join(' ')}
      aria-label={props.label}
      data-pane={viewportId}
    >
      <div ref={surface} className="pane-surface">
        <div ref={element} className={shown ? 'pane-image' : 'pane-image pane-empty'} />
        {projection && (
          // Drawn in the size that the image was drawn in: while a pane grows, both are stretched alike.
          <svg
            className="pane-marks"
            viewBox={`0 0 ${projection.size.width} ${projection.size.height}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            {marks.map((mark) => (
              <MarkShape key={mark.key} mark={mark} projection={projection} />
            ))}
          </svg>
        )}
        {!shown && <p className="pane-absent">{props.absent}</p>}
        {plane && (
          <>
            <span className="pane-side pane-side-left" aria-hidden="true">
              {sideOf([-plane.row[0], -plane.row[1], -plane.row[2]])}
            </span>
            <span className="pane-side pane-side-top" aria-hidden="true">
              {sideOf([-plane.column[0], -plane.column[1], -plane.column[2]])}
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
