/** What is in hand on a pane, and what a stroke of it draws; pure. */
import type { FindingKind } from '../../api/types';
import type { Mark } from '../../viewer/mark_layer';
import { ellipseBetween, type Measure } from '../../viewer/measure';
import { CLICK_REACH, type Stroke } from '../../viewer/use_gestures';
import { FIRST_DIAMETER_MM } from './read_content';

export type Tool =
  | { kind: 'finding'; finding: FindingKind }
  | { kind: 'ruler' }
  | { kind: 'ellipse' };

/** What a stroke draws; a measure that is only a click is none. */
export interface Drawn {
  mark: Mark | null;
  measure: Measure | null;
}

/** A finding lies where the button went down; pulling gives its size. */
function markOf({ from, to, reach }: Stroke): Mark {
  const radius = Math.hypot(...to.map((mm, axis) => mm - (from[axis] ?? 0)));
  const diameterMm = reach < CLICK_REACH ? FIRST_DIAMETER_MM : Math.round(20 * radius) / 10;
  return { key: 'pending', kind: 'finding', label: '', centre: from, diameterMm, current: true };
}

export function drawnBy(tool: Tool, stroke: Stroke): Drawn {
  if (tool.kind === 'finding') return { mark: markOf(stroke), measure: null };
  if (stroke.reach < CLICK_REACH) return { mark: null, measure: null };
  const { from, to, right, down } = stroke;
  const measure: Measure =
    tool.kind === 'ruler' ? { kind: 'ruler', from, to } : ellipseBetween(from, to, right, down);
  return { mark: null, measure };
}
