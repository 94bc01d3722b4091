/** How much work stands before the workers, and what waits for them. */
import { document } from './client';
import type { Priority } from './types';

export interface ExpectedWait {
  seconds: number;
  low: number;
  high: number;
  isMeasured: boolean;
}
export interface PoolCapacity {
  pool: string;
  waiting: number;
  oldestRequestedAt: string | null;
  running: number;
  workersSeen: number;
  measured: number;
  secondsPerJob: number | null;
  utilisation: number | null;
  /** Of a run that comes after everything else that waits. */
  expectedWait: ExpectedWait;
  /** The most urgent first. */
  byPriority: PriorityCapacity[];
}
export interface PriorityCapacity {
  priority: Priority;
  waiting: number;
  oldestRequestedAt: string | null;
  expectedWait: ExpectedWait;
}
export interface CapacityWait {
  deploymentId: string;
  seriesId: string;
  since: string;
  expectedSeconds: number;
}
export interface Capacity {
  at: string;
  windowHours: number;
  pools: PoolCapacity[];
  waits: CapacityWait[];
}

export const capacityQuery = document<{ capacity: Capacity }>(
  `query Capacity { capacity { at windowHours
    pools { pool waiting oldestRequestedAt running workersSeen measured secondsPerJob utilisation
      expectedWait { seconds low high isMeasured }
      byPriority { priority waiting oldestRequestedAt expectedWait { seconds low high isMeasured } } }
    waits { deploymentId seriesId since expectedSeconds } } }`,
);
