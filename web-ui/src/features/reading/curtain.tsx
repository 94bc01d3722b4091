/** The edge between original and AI, moved by hand or by the arrows. */
import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';

const STEP = 0.02;

interface CurtainProps {
  /** How much of the width the original has, 0–1. */
  share: number;
  onMove: (share: number) => void;
}

export function Curtain({ share, onMove }: CurtainProps) {
  const { t } = useTranslation();
  const edge = useRef<HTMLDivElement>(null);
  const move = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const box = edge.current?.parentElement?.getBoundingClientRect();
    if (box) onMove((event.clientX - box.left) / box.width);
  };
  const press = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onMove(share + by);
  };
  return (
    <div
      ref={edge}
      className="curtain"
      role="slider"
      tabIndex={0}
      aria-label={t('room.curtain')}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(100 * share)}
      style={{ left: `${100 * share}%` }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={move}
      onKeyDown={press}
    />
  );
}
