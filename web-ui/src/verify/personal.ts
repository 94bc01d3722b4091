/**
 * What is personal in an entry stands beside it, with the salts of the commitments that the entry holds instead.
 *
 * A commitment is SHA-256 over the salt and the content as JSON.
 */
import { sha256Of } from './merkle';

const ERASED = 'erased';
const SALT = /^[0-9a-f]{64}$/;

export interface Part {
  name: string;
  /** Null where it was erased. */
  salt: string | null;
  /** The content as JSON, or when it was erased. */
  text: string;
  content: unknown;
}
export type Parts = readonly Part[];

/** The parts in a line of name, salt and content, over and over. */
export function readPersonal(line: string): Part[] {
  if (!line) return [];
  const columns = line.split('\t');
  const parts: Part[] = [];
  for (let at = 0; at < columns.length; at += 3) {
    const [name = '', salt = '', text = ''] = columns.slice(at, at + 3);
    const erased = salt === ERASED;
    parts.push({ name, salt: erased ? null : salt, text, content: erased ? null : read(text) });
  }
  return parts;
}

function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whether the parts are those that were committed to, as far as they were not erased. */
export async function isCommitted(
  commitments: Readonly<Record<string, string>>,
  parts: Parts,
): Promise<boolean> {
  const names = Object.keys(commitments).sort();
  if (names.length !== parts.length) return false;
  for (const [at, { name, salt, text }] of parts.entries()) {
    if (name !== names[at]) return false;
    if (salt === null) continue;
    if (!SALT.test(salt)) return false;
    const bytes = Uint8Array.from(salt.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const digest = await sha256Of(bytes, new TextEncoder().encode(text));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    if (hex !== commitments[name]) return false;
  }
  return true;
}
