/** Files that the server makes of the ledger: where they are, and how one is fetched. */
import { ApiError, tellSignedOut } from '../../api/client';
import type { Refusal } from '../../api/types';

export const EXPORT_FORMS = ['json-lines', 'csv', 'fhir', 'dicom'] as const;
export type ExportForm = (typeof EXPORT_FORMS)[number];
export type ProofKind = 'inclusion' | 'consistency';

export const proofPath = (index: number, kind: ProofKind) => `/ledger/entries/${index}/${kind}`;

/** A field's text as an entry's number; null when it is empty or none. */
export function entryNumber(text: string): number | null {
  return /^\d{1,15}$/.test(text.trim()) ? Number(text.trim()) : null;
}

/** Where the entries from `from` to `to` lie in a form; without bounds the whole ledger. */
export function exportPath(form: ExportForm, from: number | null, to: number | null): string {
  const wanted = new URLSearchParams({ format: form });
  if (from !== null) wanted.set('from', String(from));
  if (to !== null) wanted.set('to', String(to));
  return `/ledger/export?${wanted}`;
}

/** The name that a `Content-Disposition` gives a file. */
export function fileName(disposition: string | null, otherwise: string): string {
  return disposition?.match(/filename="([^"/\\]+)"/)?.[1] ?? otherwise;
}

export type FetchedFile = { file: { name: string; bytes: Blob } } | { refusal: Refusal };

const isRefusal = (answer: unknown): answer is Refusal =>
  ['code', 'message', 'remedy'].every(
    (field) => typeof (answer as Record<string, unknown> | null)?.[field] === 'string',
  );

/**
 * Fetches a proof; a refusal by the ledger ("not signed yet") is an answer.
 *
 * @throws ApiError when the server can't be reached or answers with a fault.
 */
export async function fetchProof(index: number, kind: ProofKind): Promise<FetchedFile> {
  let response: Response;
  try {
    response = await fetch(proofPath(index, kind), { credentials: 'same-origin' });
  } catch {
    throw new ApiError('unreachable', 'the server does not answer');
  }
  if (response.ok) {
    const name = fileName(response.headers.get('content-disposition'), `ledger-${index}.${kind}`);
    return { file: { name, bytes: await response.blob() } };
  }
  if (response.status === 401) tellSignedOut();
  const answer: unknown = await response.json().catch(() => null);
  if (isRefusal(answer)) return { refusal: answer };
  throw new ApiError(`http-${response.status}`, `the server answered ${response.status}`);
}

/** Gives a fetched file to the person. */
export function keepFile({ name, bytes }: { name: string; bytes: Blob }): void {
  const address = URL.createObjectURL(bytes);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
