import { afterEach, describe, expect, it, vi } from 'vitest';
import { entryNumber, exportPath, fetchProof, fileName } from './ledger_files';

afterEach(() => vi.unstubAllGlobals());
const answers = (response: Response) => vi.stubGlobal('fetch', async () => response);

describe('files of the ledger', () => {
  it('are asked for whole when no bounds are given', () => {
    expect(exportPath('csv', null, null)).toBe('/ledger/export?format=csv');
  });
  it('are asked for from the very first entry, whose number is 0', () => {
    expect(exportPath('fhir', 0, 12)).toBe('/ledger/export?format=fhir&from=0&to=12');
  });
  it('take only whole numbers as bounds', () => {
    expect(['7', ' 7 ', '', '-1', '1.5', '1e3'].map(entryNumber)).toEqual([
      7,
      7,
      null,
      null,
      null,
      null,
    ]);
  });
  it('are named by the server, and never with a path', () => {
    expect(fileName('attachment; filename="ledger-entry-4.tlog-proof"', 'x')).toBe(
      'ledger-entry-4.tlog-proof',
    );
    expect(fileName('attachment; filename="../x"', 'mine')).toBe('mine');
    expect(fileName(null, 'mine')).toBe('mine');
  });
});

describe('a proof', () => {
  it('comes as a file with its name', async () => {
    const headers = { 'content-disposition': 'attachment; filename="ledger-entry-4.tlog-proof"' };
    answers(new Response('c2sp.org/tlog-proof@v1\n', { headers }));
    const found = await fetchProof(4, 'inclusion');
    if (!('file' in found)) throw new Error('there is no file');
    expect(found.file.name).toBe('ledger-entry-4.tlog-proof');
    expect(await found.file.bytes.text()).toBe('c2sp.org/tlog-proof@v1\n');
  });
  it('that no checkpoint vouches for yet is refused with a remedy', async () => {
    const refusal = { code: 'not_signed_yet', message: 'no checkpoint yet', remedy: 'wait' };
    answers(new Response(JSON.stringify(refusal), { status: 409 }));
    expect(await fetchProof(4, 'inclusion')).toEqual({ refusal });
  });
  it('that the server fails to make is a fault, not a refusal', async () => {
    answers(new Response('oops', { status: 503 }));
    await expect(fetchProof(4, 'consistency')).rejects.toMatchObject({ code: 'http-503' });
  });
});
