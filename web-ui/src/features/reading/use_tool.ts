/** What is being drawn on a pane with the tool in hand. */
import { useState } from 'react';
import type { Stroke } from '../../viewer/use_gestures';
import { type Drawn, drawnBy, type Tool } from './tools';

/** What is being drawn with the tool in hand, until it is done. */
export function useTool(tool: Tool | null, onTool: (drawn: Drawn) => void) {
  const [pending, setPending] = useState<Drawn | null>(null);
  const onStroke = (stroke: Stroke) => {
    if (!tool) return;
    const drawn = drawnBy(tool, stroke);
    setPending(stroke.isDone ? null : drawn);
    if (stroke.isDone) onTool(drawn);
  };
  return { pending, onStroke: tool ? onStroke : null };
}
