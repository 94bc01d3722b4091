/** Smooths slices of a difference beside the page, so that reading never waits for it. */
import { robustDeviation, scoresOf, smoothed } from './structure';

export interface StructureTask {
  /** Which slice; the same number comes back. */
  slice: number;
  difference: Float32Array;
  columns: number;
  /** Pixels across and down. */
  sigma: [number, number];
  /** Null measures the scatter of this slice only; then its deviation comes back. */
  deviation: number | null;
}

export interface StructureAnswer {
  slice: number;
  deviation: number;
  scores: Float32Array | null;
}

self.onmessage = ({ data }: MessageEvent<StructureTask>) => {
  const smooth = smoothed(data.difference, data.columns, data.sigma);
  const answer: StructureAnswer =
    data.deviation === null
      ? { slice: data.slice, deviation: robustDeviation([smooth]), scores: null }
      : { slice: data.slice, deviation: data.deviation, scores: scoresOf(smooth, data.deviation) };
  self.postMessage(answer, { transfer: answer.scores ? [answer.scores.buffer] : [] });
};
