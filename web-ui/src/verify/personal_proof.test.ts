import { describe, expect, it } from 'vitest';
import { leafHash, sha256Of } from './merkle';
import { type Outcome, verifyProof } from './proof';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const NAME = 'test/ledger';
const SALT = 'ab'.repeat(32);
const CONTENT = '{"printed_name":"Dr. Yamada","username":"yamada"}';

async function commitment(): Promise<string> {
  const digest = await sha256Of(Uint8Array.from(Buffer.from(SALT, 'hex')), bytesOf(CONTENT));
  return Buffer.from(digest).toString('hex');
}

/** A ledger of one entry, signed, and the proof that the entry is in it; `beside` follows the entry. */
async function proofOf(beside: string): Promise<{ proof: string; key: string }> {
  const pair = await crypto.subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
  if (!('publicKey' in pair)) throw new Error('there is no pair of keys');
  const raw = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const typed = Uint8Array.of(1, ...raw);
  const id = (await sha256Of(bytesOf(`${NAME}\n`), typed)).slice(0, 4);
  const key = `${NAME}+${Buffer.from(id).toString('hex')}+${base64(typed)}`;
  const entry =
    `{"envelope":{"actor":{"kind":"person","user":"user_a"},"occurred_at":"2026-11-28T09:00:00Z",` +
    `"subject":"case_a","type":"read.signed"},"form":2,"personal":{"actor":"${await commitment()}"},` +
    `"recorded_at":"2026-11-28T09:00:01Z"}`;
  const text = `${NAME}\n1\n${base64(await leafHash(bytesOf(entry)))}\n`;
  const signature = new Uint8Array(
    await crypto.subtle.sign({ name: 'Ed25519' }, pair.privateKey, bytesOf(text)),
  );
  const note = `${text}\n— ${NAME} ${base64(Uint8Array.of(...id, ...signature))}\n`;
  const extra = base64(bytesOf(beside ? `${entry}\n${beside}` : entry));
  return { proof: `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex 0\n\n${note}`, key };
}

async function outcomeOf(beside: string): Promise<Outcome> {
  const { proof, key } = await proofOf(beside);
  return verifyProof(proof, key);
}

const actorOf = (outcome: Outcome) =>
  outcome.outcome === 'verified' && outcome.shown.proof === 'inclusion'
    ? outcome.shown.entry.actor
    : JSON.stringify(outcome);

describe('a proof of an entry whose names are commitments', () => {
  it('shows the names that were committed to', async () => {
    expect(actorOf(await outcomeOf(`actor\t${SALT}\t${CONTENT}`))).toBe('person yamada');
  });
  it('holds when they were erased, or are kept back', async () => {
    expect(actorOf(await outcomeOf('actor\terased\t2026-11-28T10:00:00Z'))).toBe('person user_a');
    expect(actorOf(await outcomeOf(''))).toBe('person user_a');
  });
  it('does not hold with other names', async () => {
    const other = CONTENT.replace('yamada', 'suzuki');
    const outcome = await outcomeOf(`actor\t${SALT}\t${other}`);
    expect(outcome).toEqual({ outcome: 'inconsistent', why: 'notCommitted' });
  });
});
