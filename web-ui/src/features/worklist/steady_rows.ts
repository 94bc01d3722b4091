/** Rows never move under the pointer: what changed waits until it has left, or until it is asked for. */
import { useEffect, useState } from 'react';
import type { WorklistRow } from '../../api/worklist_documents';

const keyOf = (rows: readonly WorklistRow[]) =>
  rows.map((row) => `${row.id} ${row.availability} ${row.draft?.savedAt}`).join('\n');

export function useSteadyRows(newest: readonly WorklistRow[]) {
  const [shown, setShown] = useState(newest);
  const [hovered, setHovered] = useState(false);
  const waiting = keyOf(shown) !== keyOf(newest);
  useEffect(() => {
    if (waiting && (!hovered || shown.length === 0)) setShown(newest);
  }, [waiting, hovered, newest, shown.length]);
  return {
    rows: shown,
    waiting: waiting && hovered,
    refresh: () => setShown(newest),
    hover: {
      onPointerEnter: () => setHovered(true),
      onPointerLeave: () => setHovered(false),
    },
  };
}
