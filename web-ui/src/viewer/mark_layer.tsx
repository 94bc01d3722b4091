/** What is drawn over an image: marks, measures, a contour, the lines of other planes; in patient coordinates. */
import type { RegionKind } from '../api/types';
import type { Point3 } from './geometry';
import type { Measure } from './measure';
import { type Projection, toPane } from './projection';

/** A ring or a numbered cross over the image, in patient coordinates. */
export interface Mark {
  key: string;
  kind: 'region' | 'finding';
  /** Of a region: each kind has dashes of its own. */
  regionKind?: RegionKind;
  label: string;
  centre: Point3;
  diameterMm: number;
  current: boolean;
}

/** A ruler or an ellipse with what it measures here. */
export interface MeasureMark {
  key: string;
  measure: Measure;
  /** Lines of text beside it. */
  words: readonly string[];
}

/** A line between two patient points. */
export type Line = readonly [Point3, Point3];

interface MarkLayerProps {
  projection: Projection;
  marks: readonly Mark[];
  measures: readonly MeasureMark[];
  contour: string | null;
  lines: readonly Line[];
}

function MarkShape({ mark, projection }: { mark: Mark; projection: Projection }) {
  const [x, y] = toPane(projection, mark.centre);
  const radius = Math.max(8, (mark.diameterMm / 2) * projection.pixelsPerMm);
  const names = ['mark', `mark-${mark.kind}`];
  if (mark.regionKind) names.push(`mark-${mark.regionKind.toLowerCase()}`);
  if (mark.current) names.push('mark-current');
  return (
    <g className={names.join(' ')}>
      <circle cx={x} cy={y} r={radius} />
      {mark.kind === 'finding' && <path d={`M${x - 4} ${y}h8M${x} ${y - 4}v8`} />}
      <text x={x + radius * 0.72 + 3} y={y - radius * 0.72 - 2}>
        {mark.label}
      </text>
    </g>
  );
}

/** The ellipse's shape: half-axes may lie at any right angle of the screen, so a path follows its points. */
function outlineOf({ measure }: MeasureMark, projection: Projection): string {
  if (measure.kind === 'ruler') {
    const [[x0, y0], [x1, y1]] = [toPane(projection, measure.from), toPane(projection, measure.to)];
    return `M${x0} ${y0}L${x1} ${y1}`;
  }
  const { centre, across, upright, halfAcrossMm, halfUprightMm } = measure;
  const points = Array.from({ length: 49 }, (_, step) => {
    const angle = (step / 48) * 2 * Math.PI;
    const point = centre.map(
      (value, axis) =>
        value +
        (across[axis] ?? 0) * halfAcrossMm * Math.cos(angle) +
        (upright[axis] ?? 0) * halfUprightMm * Math.sin(angle),
    ) as Point3;
    return toPane(projection, point).join(' ');
  });
  return `M${points.join('L')}Z`;
}

function MeasureShape({ mark, projection }: { mark: MeasureMark; projection: Projection }) {
  const { measure } = mark;
  const beside: Point3 =
    measure.kind === 'ruler'
      ? measure.to
      : (measure.centre.map(
          (value, axis) => value + projectionRight(projection, axis) * reachOf(measure, projection),
        ) as Point3);
  const [x, y] = toPane(projection, beside);
  return (
    <g className="mark mark-measure" data-measure={mark.key}>
      <path d={outlineOf(mark, projection)} />
      <text x={x + 6} y={y - 2}>
        {mark.words.map((word, line) => (
          <tspan key={word} x={x + 6} dy={line === 0 ? 0 : 15}>
            {word}
          </tspan>
        ))}
      </text>
    </g>
  );
}

const projectionRight = ({ right }: Projection, axis: number): number => right[axis] ?? 0;

/** How far an ellipse reaches to the right of the screen, mm. */
function reachOf(measure: Measure, { right }: Projection): number {
  if (measure.kind !== 'ellipse') return 0;
  const part = (direction: Point3) =>
    Math.abs(direction.reduce((sum, value, axis) => sum + value * (right[axis] ?? 0), 0));
  return Math.hypot(
    part(measure.across) * measure.halfAcrossMm,
    part(measure.upright) * measure.halfUprightMm,
  );
}

/** Takes pixels of the plane to places on the pane. */
function pixelsToPane(projection: Projection): string {
  const { plane } = projection;
  const [x0, y0] = toPane(projection, plane.origin);
  const step = (direction: Point3, mm: number) =>
    toPane(
      projection,
      plane.origin.map((value, axis) => value + (direction[axis] ?? 0) * mm) as Point3,
    );
  const [ax, ay] = step(plane.row, plane.columnSpacingMm);
  const [bx, by] = step(plane.column, plane.rowSpacingMm);
  return `matrix(${ax - x0} ${ay - y0} ${bx - x0} ${by - y0} ${x0} ${y0})`;
}

export function MarkLayer({ projection, marks, measures, contour, lines }: MarkLayerProps) {
  const { width, height } = projection.size;
  return (
    // Drawn in the size that the image was drawn in: while a pane grows, both are stretched alike.
    <svg
      className="pane-marks"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {contour && <path className="contour" d={contour} transform={pixelsToPane(projection)} />}
      {lines.map(([from, to]) => {
        const [[x1, y1], [x2, y2]] = [toPane(projection, from), toPane(projection, to)];
        return <line key={from.join()} className="plane-line" x1={x1} y1={y1} x2={x2} y2={y2} />;
      })}
      {marks.map((mark) => (
        <MarkShape key={mark.key} mark={mark} projection={projection} />
      ))}
      {measures.map((mark) => (
        <MeasureShape key={mark.key} mark={mark} projection={projection} />
      ))}
    </svg>
  );
}
