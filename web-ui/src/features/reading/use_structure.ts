/** The smoothed map of coherent structure, made by a worker, slice by slice as they are looked at. */
import { useEffect, useRef, useState } from 'react';
import type { Stack } from '../../viewer/stack';
import { SMOOTHING_MM } from '../../viewer/structure';
import type { StructureAnswer, StructureTask } from '../../viewer/structure_worker';
import type { Differences } from './computed_images';

/** Slices whose scatter stands for the case's. */
const SAMPLED_SLICES = 9;
/** Slices kept; older ones are made again when they are looked at again. */
const KEPT_SLICES = 64;

export interface Structure {
  at: (index: number) => Float32Array | null;
  /** Grows with each slice that is done, so that whoever looks is told. */
  made: number;
}

function sampleOf(count: number): number[] {
  const step = Math.max(1, Math.floor(count / SAMPLED_SLICES));
  return Array.from({ length: count }, (_, index) => index).filter((index) => index % step === 0);
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Asks the worker for slices: first for the scatter of the case, then for what is wanted. */
class StructureWork {
  readonly scores = new Map<number, Float32Array>();
  readonly #asked = new Set<number>();
  readonly #deviations: number[] = [];
  readonly #worker: Worker;
  #sampled: number[] = [];
  #deviation: number | null = null;
  #wanted: number | null = null;

  constructor(
    readonly stack: Stack,
    readonly differences: Differences,
    onMade: () => void,
  ) {
    // Written in one piece, because Vite makes a worker of it only so.
    this.#worker = new Worker(new URL('../../viewer/structure_worker.ts', import.meta.url), {
      type: 'module',
    });
    this.#worker.onmessage = ({ data }: MessageEvent<StructureAnswer>) => {
      this.#take(data);
      onMade();
    };
  }

  want(slice: number): void {
    this.#wanted = slice;
    if (this.scores.has(slice) || this.#asked.has(slice)) return;
    if (this.#deviation !== null) this.#send(slice, this.#deviation);
    else if (this.#sampled.length === 0) this.#sample();
  }

  #sample(): void {
    this.#sampled = sampleOf(this.stack.slices.length).filter((at) => this.differences.at(at));
    for (const at of this.#sampled) this.#send(at, null);
  }

  #send(slice: number, deviation: number | null): void {
    const difference = this.differences.at(slice);
    const plane = this.stack.slices[slice]?.plane;
    if (!difference || !plane) return;
    if (deviation !== null) this.#asked.add(slice);
    const sigma: [number, number] = [
      SMOOTHING_MM / plane.columnSpacingMm,
      SMOOTHING_MM / plane.rowSpacingMm,
    ];
    const task: StructureTask = { slice, difference, columns: plane.columns, sigma, deviation };
    this.#worker.postMessage(task);
  }

  #take({ slice, deviation, scores }: StructureAnswer): void {
    if (scores) {
      this.#asked.delete(slice);
      this.scores.set(slice, scores);
      const oldest = this.scores.keys().next().value;
      if (this.scores.size > KEPT_SLICES && oldest !== undefined) this.scores.delete(oldest);
      return;
    }
    this.#deviations.push(deviation);
    if (this.#deviations.length < this.#sampled.length) return;
    this.#deviation = median(this.#deviations);
    if (this.#wanted !== null) this.want(this.#wanted);
  }

  stop(): void {
    this.#worker.terminate();
  }
}

export function useStructure(
  wanted: boolean,
  stack: Stack | null,
  differences: Differences | null,
  index: number | null,
): Structure {
  const work = useRef<StructureWork | null>(null);
  const [made, setMade] = useState(0);
  useEffect(() => {
    if (!wanted || !stack || !differences) return;
    const started = new StructureWork(stack, differences, () => setMade((count) => count + 1));
    work.current = started;
    return () => {
      started.stop();
      work.current = null;
    };
  }, [wanted, stack, differences]);
  useEffect(() => {
    if (wanted && index !== null && differences) work.current?.want(index);
  }, [wanted, index, differences]);
  return { at: (slice) => work.current?.scores.get(slice) ?? null, made };
}
