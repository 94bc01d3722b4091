/**
 * Checks a proof file with nothing but the public key: verified, inconsistent, or can't tell.
 *
 * The outcomes are those of `countersign ledger verify --proof FILE --key FILE` (exit codes 0, 1, 2).
 *
 * Source: the inclusion file is a C2SP `tlog-proof`; the consistency file is in the same manner.
 */
import { fromBase64, sameBytes } from './base64';
import { type Checkpoint, canVerify, openNote, readKey, type VerifierKey } from './checkpoint';
import { type Hash, inclusionRoot, isConsistent, leafHash } from './merkle';
import { isCommitted, type Parts, readPersonal } from './personal';

const INCLUSION = 'c2sp.org/tlog-proof@v1';
const CONSISTENCY = 'countersign-ledger-consistency@v1';
/** More hashes than a tree of 2^64 entries could need. */
const HASHES_MAX = 130;
const HASH_LENGTH = 32;
const LINE_END = 10;
const INDEX = /^\d{1,20}$/;

/** What the entry of an inclusion proof says. */
export interface ProvenEntry {
  kind: string;
  subject: string;
  actor: string;
  occurredAt: string;
  recordedAt: string;
  /** The whole entry, as it was hashed. */
  text: string;
  /** What is personal in it, part by part; its commitments are in the entry. */
  personal: Parts;
}
export type Shown =
  | { proof: 'inclusion'; index: bigint; entry: ProvenEntry; checkpoint: Checkpoint }
  | { proof: 'consistency'; former: Checkpoint; latter: Checkpoint };
/** Why a file shows nothing, or something else. */
export type Why =
  | 'noCrypto'
  | 'keyMalformed'
  | 'proofMalformed'
  | 'entryUnknown'
  | 'notSigned'
  | 'notInLedger'
  | 'notCommitted'
  | 'rewritten';
export type Outcome =
  | { outcome: 'verified'; shown: Shown }
  | { outcome: 'inconsistent'; why: Why }
  | { outcome: 'cannotTell'; why: Why };

const cannotTell = (why: Why): Outcome => ({ outcome: 'cannotTell', why });
const inconsistent = (why: Why): Outcome => ({ outcome: 'inconsistent', why });

export async function verifyProof(proof: string, key: string): Promise<Outcome> {
  if (!(await canVerify())) return cannotTell('noCrypto');
  const verifier = await readKey(key);
  if (!verifier) return cannotTell('keyMalformed');
  const [first, ...rest] = proof.split('\n');
  switch (first) {
    case INCLUSION:
      return checkInclusion(rest, verifier);
    case CONSISTENCY:
      return checkConsistency(rest, verifier);
    default:
      return cannotTell('proofMalformed');
  }
}

/** What follows a word at the start of a line. */
const after = (line: string | undefined, word: string): string | null =>
  line?.startsWith(word) ? line.slice(word.length) : null;

async function checkInclusion(lines: string[], key: VerifierKey): Promise<Outcome> {
  const extra = after(lines[0], 'extra ');
  const index = after(lines[1], 'index ');
  const found = hashesOf(lines.slice(2));
  const entry = extra === null ? null : fromBase64(extra);
  if (!entry || index === null || !INDEX.test(index) || !found) {
    return cannotTell('proofMalformed');
  }
  const checkpoint = await openNote(found.rest, key);
  if (!checkpoint) return inconsistent('notSigned');
  const [hashed, beside] = split(entry);
  const leaf = await leafHash(hashed);
  const root = await inclusionRoot(leaf, BigInt(index), checkpoint.size, found.hashes);
  if (!root || !sameBytes(root, checkpoint.root)) return inconsistent('notInLedger');
  const parts = readPersonal(beside);
  const read = readEntry(hashed, parts);
  if (!read) return cannotTell('entryUnknown');
  if (parts.length > 0 && !(await isCommitted(read.commitments, parts))) {
    return inconsistent('notCommitted');
  }
  const shown = {
    proof: 'inclusion',
    index: BigInt(index),
    entry: read.entry,
    checkpoint,
  } as const;
  return { outcome: 'verified', shown };
}

async function checkConsistency(lines: string[], key: VerifierKey): Promise<Outcome> {
  const found = hashesOf(lines);
  if (!found) return cannotTell('proofMalformed');
  // A note has one empty line inside, and one stands between the two.
  const inside = found.rest.indexOf('\n\n');
  const between = inside < 0 ? -1 : found.rest.indexOf('\n\n', inside + 2);
  if (between < 0) return cannotTell('proofMalformed');
  const former = await openNote(found.rest.slice(0, between + 1), key);
  const latter = await openNote(found.rest.slice(between + 2), key);
  if (!former || !latter) return inconsistent('notSigned');
  if (!(await isConsistent(former, latter, found.hashes))) return inconsistent('rewritten');
  return { outcome: 'verified', shown: { proof: 'consistency', former, latter } };
}

/** The entry as it was hashed, and the line after it. */
function split(extra: Uint8Array<ArrayBuffer>): [Uint8Array<ArrayBuffer>, string] {
  const end = extra.indexOf(LINE_END);
  if (end < 0) return [extra, ''];
  return [extra.slice(0, end), new TextDecoder().decode(extra.slice(end + 1))];
}

/** The hashes up to the first empty line, and what follows it. */
function hashesOf(lines: string[]): { hashes: Hash[]; rest: string } | null {
  const end = lines.indexOf('');
  if (end < 0 || end > HASHES_MAX) return null;
  const hashes = lines.slice(0, end).map(fromBase64);
  const whole = hashes.filter((hash): hash is Hash => hash?.length === HASH_LENGTH);
  return whole.length === hashes.length
    ? { hashes: whole, rest: lines.slice(end + 1).join('\n') }
    : null;
}

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** The parts of an entry that a person wants to see, and its commitments; null where it is of another form. */
function readEntry(
  bytes: Uint8Array,
  personal: Parts,
): { entry: ProvenEntry; commitments: Record<string, string> } | null {
  let entry: unknown;
  const whole = new TextDecoder().decode(bytes);
  try {
    entry = JSON.parse(whole);
  } catch {
    return null;
  }
  if (!isFields(entry) || !isFields(entry.envelope)) return null;
  const { envelope } = entry;
  const commitments = commitmentsOf(entry.personal);
  const kind = text(envelope.type);
  const subject = text(envelope.subject) ?? wordOf(commitments, personal, 'subject');
  const occurredAt = text(envelope.occurred_at);
  const recordedAt = text(entry.recorded_at);
  if (kind === null || subject === null || occurredAt === null || recordedAt === null) return null;
  if (commitments === null) return null;
  const actor = actorOf(envelope.actor, personal);
  return {
    entry: { kind, subject, actor, occurredAt, recordedAt, text: whole, personal },
    commitments,
  };
}

/** Commitments by part; null where they are none. */
function commitmentsOf(value: unknown): Record<string, string> | null {
  if (value === undefined) return {};
  if (!isFields(value)) return null;
  const commitments: Record<string, string> = {};
  for (const [part, digest] of Object.entries(value)) {
    if (typeof digest !== 'string') return null;
    commitments[part] = digest;
  }
  return commitments;
}

/** A part that is one text; empty where it is not shown, null where there is none. */
function wordOf(
  commitments: Record<string, string> | null,
  personal: Parts,
  name: string,
): string | null {
  if (commitments?.[name] === undefined) return null;
  return text(personal.find((part) => part.name === name)?.content) ?? '';
}

/** Who did it, in the words of the entry. */
function actorOf(actor: unknown, personal: Parts): string {
  if (!isFields(actor)) return '';
  const beside = personal.find(({ name }) => name === 'actor')?.content;
  const names = { ...actor, ...(isFields(beside) ? beside : {}) };
  const name = text(names.username) ?? text(actor.name) ?? text(names.ae_title);
  return [text(actor.kind), name ?? text(actor.user)].filter(Boolean).join(' ');
}
