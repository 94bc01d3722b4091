/** Rows never move under the pointer: what changed waits until it has left, or until it is asked for. */
import { useEffect, useState } from 'react';
import type { CaseRow } from '../../api/types';

const keyOf = (rows: readonly CaseRow[]) =>
  rows.map((row) => `${row.id} ${row.availability}`).join('\n');

export function useSteadyRows(newest: readonly CaseRow[]) {
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
