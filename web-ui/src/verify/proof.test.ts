import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Outcome, verifyProof } from './proof';

const fixture = (name: string) =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');
const key = fixture('ledger.vkey');
const inclusion = fixture('ledger-entry-20.tlog-proof');
const firstEntry = fixture('ledger-entry-0.tlog-proof');
const consistency = fixture('ledger-20-43.consistency-proof');
const words = (outcome: Outcome) =>
  outcome.outcome === 'verified' ? outcome.outcome : `${outcome.outcome}: ${outcome.why}`;
const check = async (proof: string, by = key) => words(await verifyProof(proof, by));

/** A public key of somebody else, in the form of signed notes. */
async function strangersKey(name: string): Promise<string> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('there is no pair of keys');
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const typed = Uint8Array.of(1, ...raw);
  const named = Uint8Array.of(...new TextEncoder().encode(`${name}\n`), ...typed);
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', named)).subarray(0, 4);
  return `${name}+${hash.toString('hex')}+${Buffer.from(typed).toString('base64')}\n`;
}

afterEach(() => vi.unstubAllGlobals());

describe('a proof by the command line', () => {
  it('shows which entry stands where in which ledger', async () => {
    const outcome = await verifyProof(inclusion, key);
    if (outcome.outcome !== 'verified' || outcome.shown.proof !== 'inclusion') {
      throw new Error(JSON.stringify(outcome));
    }
    const { index, entry, checkpoint } = outcome.shown;
    expect([index, checkpoint.size, checkpoint.origin]).toEqual([20n, 43n, 'countersign/ledger']);
    expect(entry.kind).toBe('run.completed');
    expect(entry.actor).toBe('service generation');
    expect(entry.subject).toBe('run_4snes7jmdrizsls6bjdh52qmxg');
  });
  it('of the very first entry is shown too', async () => {
    expect(await check(firstEntry)).toBe('verified');
  });
  it('shows which ledger continues which', async () => {
    const outcome = await verifyProof(consistency, key);
    if (outcome.outcome !== 'verified' || outcome.shown.proof !== 'consistency') {
      throw new Error(JSON.stringify(outcome));
    }
    expect([outcome.shown.former.size, outcome.shown.latter.size]).toEqual([20n, 43n]);
  });
});

describe('three outcomes are told apart (R31)', () => {
  it('an entry at another place is inconsistent', async () => {
    expect(await check(inclusion.replace('index 20', 'index 21'))).toBe(
      'inconsistent: notInLedger',
    );
  });
  it('an entry with another content is inconsistent', async () => {
    const [, extra = ''] = /^extra (.*)$/m.exec(inclusion) ?? [];
    const entry = Buffer.from(extra, 'base64').toString().replace('"general"', '"shadow" ');
    const changed = inclusion.replace(extra, Buffer.from(entry).toString('base64'));
    expect(changed).not.toBe(inclusion);
    expect(await check(changed)).toBe('inconsistent: notInLedger');
  });
  it('a ledger of another size is not the one that was signed', async () => {
    expect(await check(consistency.replace('\n43\n', '\n44\n'))).toBe('inconsistent: notSigned');
  });
  it('hashes in another order lead elsewhere', async () => {
    const lines = consistency.split('\n');
    [lines[1], lines[2]] = [lines[2] ?? '', lines[1] ?? ''];
    expect(await check(lines.join('\n'))).toBe('inconsistent: rewritten');
  });
  it('two checkpoints in the wrong order show no continuation', async () => {
    const [head = '', ...parts] = consistency.split('\n\n');
    const [first, second, third, fourth] = parts;
    const turned = [head, third, (fourth ?? '').trimEnd(), first, `${second}\n`].join('\n\n');
    expect(await check(turned)).toBe('inconsistent: rewritten');
  });
  it('a checkpoint that the key did not sign is not believed', async () => {
    const stranger = await strangersKey('countersign/ledger');
    expect(await check(inclusion, stranger)).toBe('inconsistent: notSigned');
    expect(await check(consistency, stranger)).toBe('inconsistent: notSigned');
  });
  it.each([
    ['nothing', ''],
    ['another file', 'hello\nworld\n'],
    ['a first line alone', 'c2sp.org/tlog-proof@v1\n'],
    ['a cut file', inclusion.slice(0, 200)],
    ['an index that is none', inclusion.replace('index 20', 'index -1')],
    ['a hash that is none', inclusion.replace(/\n[\w+/]{43}=\n/, '\nAAAA\n')],
    ['one checkpoint of two', `${consistency.split('\n\n').slice(0, 3).join('\n\n')}\n`],
  ])('%s is no proof: nobody can tell', async (_what, proof) => {
    expect(await check(proof)).toBe('cannotTell: proofMalformed');
  });
  it.each([
    ['nothing', ''],
    ['another kind of key', key.replace('+A', '+B')],
    ['a key with another name', key.replace('countersign', 'countersigm')],
    ['a cut key', key.slice(0, -8)],
  ])('%s is no key: nobody can tell', async (_what, other) => {
    expect(await check(inclusion, other)).toBe('cannotTell: keyMalformed');
  });
  it('a browser without the means does not guess', async () => {
    vi.stubGlobal('crypto', {});
    expect(await check(inclusion)).toBe('cannotTell: noCrypto');
  });
});

describe('a file with any one letter changed', { timeout: 60_000 }, () => {
  it.each([
    ['inclusion', inclusion],
    ['consistency', consistency],
  ])('of %s is never verified as something else', async (_name, proof) => {
    const whole = await verifyProof(proof, key);
    for (let at = 0; at < proof.length; at += 1) {
      const other = proof[at] === 'A' ? 'B' : 'A';
      const outcome = await verifyProof(proof.slice(0, at) + other + proof.slice(at + 1), key);
      if (outcome.outcome === 'verified') expect(outcome, `letter ${at}`).toEqual(whole);
    }
  });
});
