/**
 * The Merkle tree of the ledger: what a proof leads to.
 *
 * Source: RFC 6962 §2.1; the algorithms of checking are RFC 9162 §2.1.3.2 and §2.1.4.2.
 */
import { sameBytes } from './base64';

export type Hash = Uint8Array<ArrayBuffer>;

async function sha256(...parts: Uint8Array[]): Promise<Hash> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
}

export const sha256Of = (...parts: Uint8Array[]) => sha256(...parts);
export const leafHash = (entry: Uint8Array) => sha256(Uint8Array.of(0), entry);
const nodeHash = (left: Hash, right: Hash) => sha256(Uint8Array.of(1), left, right);

/** The root to which `proof` leads from the leaf at `index` in a tree of `size`; null for a proof of a wrong length. */
export async function inclusionRoot(
  leaf: Hash,
  index: bigint,
  size: bigint,
  proof: readonly Hash[],
): Promise<Hash | null> {
  if (index >= size) return null;
  let [place, last, root] = [index, size - 1n, leaf];
  for (const hash of proof) {
    if (last === 0n) return null;
    if ((place & 1n) === 1n || place === last) {
      root = await nodeHash(hash, root);
      while ((place & 1n) === 0n && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await nodeHash(root, hash);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

/** A tree as a checkpoint signs it. */
export interface Tree {
  size: bigint;
  root: Hash;
}

/** Whether `proof` shows the entries of `former` to be the beginning of those of `latter`. */
export async function isConsistent(
  former: Tree,
  latter: Tree,
  proof: readonly Hash[],
): Promise<boolean> {
  if (former.size === 0n || former.size > latter.size) return false;
  if (former.size === latter.size) {
    return proof.length === 0 && sameBytes(former.root, latter.root);
  }
  const isWhole = (former.size & (former.size - 1n)) === 0n;
  const first = isWhole ? former.root : proof[0];
  if (!first) return false;
  let [place, last] = [former.size - 1n, latter.size - 1n];
  while ((place & 1n) === 1n) {
    place >>= 1n;
    last >>= 1n;
  }
  let [formerRoot, latterRoot] = [first, first];
  for (const hash of isWhole ? proof : proof.slice(1)) {
    if (last === 0n) return false;
    if ((place & 1n) === 1n || place === last) {
      formerRoot = await nodeHash(hash, formerRoot);
      latterRoot = await nodeHash(hash, latterRoot);
      while ((place & 1n) === 0n && place !== 0n) {
        place >>= 1n;
        last >>= 1n;
      }
    } else {
      latterRoot = await nodeHash(latterRoot, hash);
    }
    place >>= 1n;
    last >>= 1n;
  }
  return last === 0n && sameBytes(formerRoot, former.root) && sameBytes(latterRoot, latter.root);
}
