/** Where the page asks the worker for objects. */
import type { FetchedObject } from './fetch_object';
import type { ObjectAnswer, ObjectTask } from './object_worker';

interface Asked {
  resolve: (fetched: FetchedObject) => void;
  reject: (error: unknown) => void;
}

/** Numbers what is asked for, and gives each answer to whoever asked. */
export class ObjectDesk {
  readonly #asked = new Map<number, Asked>();
  readonly #worker: Worker;
  #last = 0;
  #fault: Error | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<ObjectAnswer>) => this.#take(data);
    worker.onerror = ({ message }) => {
      // The worker itself can't run: nobody would ever be answered.
      this.#fault = new Error(message || 'images can not be fetched in this browser');
      for (const { reject } of this.#asked.values()) reject(this.#fault);
      this.#asked.clear();
    };
  }

  get isBroken(): boolean {
    return this.#fault !== null;
  }

  /** The instance at an address, hashed; rejects when no answer comes or it is given up. */
  fetch(address: string, signal: AbortSignal): Promise<FetchedObject> {
    if (signal.aborted || this.#fault) return Promise.reject(signal.reason ?? this.#fault);
    this.#last += 1;
    const number = this.#last;
    return new Promise<FetchedObject>((resolve, reject) => {
      const giveUp = () => {
        if (!this.#asked.delete(number)) return;
        this.#worker.postMessage({ number, address: null } satisfies ObjectTask);
        reject(signal.reason);
      };
      const settled = <Value>(settle: (value: Value) => void) => {
        return (value: Value) => {
          signal.removeEventListener('abort', giveUp);
          settle(value);
        };
      };
      this.#asked.set(number, { resolve: settled(resolve), reject: settled(reject) });
      signal.addEventListener('abort', giveUp);
      this.#worker.postMessage({ number, address } satisfies ObjectTask);
    });
  }

  #take(answer: ObjectAnswer): void {
    const asked = this.#asked.get(answer.number);
    this.#asked.delete(answer.number);
    if (!asked) return;
    if ('failure' in answer) asked.reject(new Error(answer.failure));
    else asked.resolve({ status: answer.status, object: answer.object });
  }
}

let desk: ObjectDesk | null = null;

/** The desk of this page; its worker is started with the first question, and again where it could not run. */
export function objectDesk(): ObjectDesk {
  if (!desk || desk.isBroken) {
    // Written in one piece, because Vite makes a worker of it only so.
    desk = new ObjectDesk(
      new Worker(new URL('./object_worker.ts', import.meta.url), { type: 'module' }),
    );
  }
  return desk;
}
