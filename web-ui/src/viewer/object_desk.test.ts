import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dataSetStart } from './digest';
import { ObjectDesk } from './object_desk';
import { dicomFile, text } from './part10_for_tests';

const FILE = dicomFile([text(0x0008, 0x0018, 'UI', '1.2')]);
const DIGEST = createHash('sha256')
  .update(new Uint8Array(FILE, dataSetStart(new Uint8Array(FILE))))
  .digest('hex');

/** The worker's own program in this thread; what goes between is cloned or handed over, as between threads. */
async function startWorker(): Promise<Worker> {
  const worker = { onmessage: null, onerror: null } as unknown as Worker;
  const inside = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    postMessage: (data: unknown, options?: StructuredSerializeOptions) =>
      worker.onmessage?.({ data: structuredClone(data, options) } as MessageEvent),
  };
  worker.postMessage = (data: unknown) => inside.onmessage?.({ data: structuredClone(data) });
  vi.stubGlobal('self', inside);
  vi.resetModules();
  await import('./object_worker');
  return worker;
}

describe('objects that the worker is asked for', () => {
  let desk: ObjectDesk;
  let worker: Worker;
  const signal = () => new AbortController().signal;
  beforeEach(async () => {
    worker = await startWorker();
    desk = new ObjectDesk(worker);
  });
  afterEach(() => vi.unstubAllGlobals());

  it('come with the digest of the very bytes that came, and each to whoever asked', async () => {
    const other = dicomFile([text(0x0008, 0x0018, 'UI', '1.3')]);
    const slow = new Promise<Response>((resolve) => {
      setTimeout(() => resolve(new Response(FILE.slice(0))), 5);
    });
    vi.stubGlobal('fetch', async (address: string) =>
      address === '/slow' ? slow : new Response(other.slice(0)),
    );
    const [first, second] = await Promise.all([
      desk.fetch('/slow', signal()),
      desk.fetch('/other', signal()),
    ]);
    expect(first.object?.digest).toBe(DIGEST);
    expect(first.object?.content).toEqual({ kind: 'file', file: FILE });
    expect(second.object?.content).toEqual({ kind: 'file', file: other });
  });

  it('are handed over, so that nobody else can change what was hashed', async () => {
    const arrived = FILE.slice(0);
    const response = new Response('');
    response.arrayBuffer = async () => arrived;
    vi.stubGlobal('fetch', async () => response);
    const { object } = await desk.fetch('/one', signal());
    expect(object?.content).toEqual({ kind: 'file', file: FILE });
    expect(arrived.byteLength).toBe(0);
  });

  it('are told of by their status where the server does not give them', async () => {
    vi.stubGlobal('fetch', async () => new Response('', { status: 503 }));
    expect(await desk.fetch('/one', signal())).toEqual({ status: 503, object: null });
  });

  it('are rejected where nobody answers, or what comes is no DICOM file', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('Failed to fetch');
    });
    await expect(desk.fetch('/one', signal())).rejects.toThrow('Failed to fetch');
    vi.stubGlobal('fetch', async () => new Response(new ArrayBuffer(200)));
    await expect(desk.fetch('/one', signal())).rejects.toThrow('not a DICOM file');
  });

  it('are no longer fetched when they are given up', async () => {
    const stop = new AbortController();
    let given: AbortSignal | null = null;
    vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => {
      given = signal;
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    });
    const asked = desk.fetch('/one', stop.signal);
    stop.abort();
    await expect(asked).rejects.toThrow('aborted');
    expect((given as AbortSignal | null)?.aborted).toBe(true);
    await expect(desk.fetch('/two', stop.signal)).rejects.toThrow('aborted');
  });

  it('are rejected, all of them, where the worker can not run', async () => {
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    const asked = desk.fetch('/one', signal());
    worker.onerror?.({ message: 'refused by the policy' } as ErrorEvent);
    await expect(asked).rejects.toThrow('refused by the policy');
    await expect(desk.fetch('/two', signal())).rejects.toThrow('refused by the policy');
    expect(desk.isBroken).toBe(true);
  });
});
