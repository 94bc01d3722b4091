/**
 * Signed checkpoints and the public key that checks them.
 *
 * Source: C2SP `signed-note` (`<name>+<hash>+<key>`, Ed25519) and `tlog-checkpoint` (origin, size, root).
 */
import { fromBase64, sameBytes } from './base64';
import { type Hash, sha256Of, type Tree } from './merkle';

const ED25519 = 1;
const KEY_LENGTH = 33;
const ID_LENGTH = 4;
const HASH_LENGTH = 32;
const bytesOf = (text: string) => new TextEncoder().encode(text);

export interface VerifierKey {
  name: string;
  id: Uint8Array;
  key: CryptoKey;
}
export interface Checkpoint extends Tree {
  origin: string;
}

/** Whether this browser can check such signatures. */
export async function canVerify(): Promise<boolean> {
  const anyKey = new Uint8Array(HASH_LENGTH);
  anyKey[0] = 1;
  try {
    await crypto.subtle.importKey('raw', anyKey, { name: 'Ed25519' }, false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

/** The key of a text, or null where it is none. */
export async function readKey(text: string): Promise<VerifierKey | null> {
  const [name, hash, ...rest] = text.trimEnd().split('+');
  const typed = fromBase64(rest.join('+'));
  if (!name || !hash || typed?.length !== KEY_LENGTH || typed[0] !== ED25519) return null;
  const id = (await sha256Of(bytesOf(`${name}\n`), typed)).slice(0, ID_LENGTH);
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (hex !== hash) return null;
  try {
    const key = await crypto.subtle.importKey('raw', typed.slice(1), { name: 'Ed25519' }, false, [
      'verify',
    ]);
    return { name, id, key };
  } catch {
    return null;
  }
}

/** The checkpoint in a note, or null where the key did not sign it. */
export async function openNote(note: string, key: VerifierKey): Promise<Checkpoint | null> {
  const end = note.lastIndexOf('\n\n');
  if (end < 0) return null;
  const text = note.slice(0, end + 1);
  for (const line of note.slice(end + 2).split('\n')) {
    if (await isSignature(text, line, key)) return readCheckpoint(text);
  }
  return null;
}

async function isSignature(text: string, line: string, { name, id, key }: VerifierKey) {
  const start = `— ${name} `;
  const bytes = line.startsWith(start) ? fromBase64(line.slice(start.length)) : null;
  if (!bytes || !sameBytes(bytes.slice(0, ID_LENGTH), id)) return false;
  try {
    const signature = bytes.slice(ID_LENGTH);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, bytesOf(text));
  } catch {
    return false;
  }
}

function readCheckpoint(text: string): Checkpoint | null {
  const [origin, size, root] = text.split('\n');
  const hash: Hash | null = root === undefined ? null : fromBase64(root);
  if (!origin || !size || !/^\d{1,20}$/.test(size) || hash?.length !== HASH_LENGTH) return null;
  return { origin, size: BigInt(size), root: hash };
}
