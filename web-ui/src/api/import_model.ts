/** Sends a package of a model to the server: one POST of a zip archive, with the session cookie. */
import { ApiError, tellSignedOut } from './client';
import type { Refusal } from './types';

/** A version that was taken in. */
export interface ImportedModel {
  id: string;
  name: string;
  version: string;
  publisher: string | null;
}

/** What became of a package. */
export type ImportOutcome = { model: ImportedModel } | { refusal: Refusal };

const REFUSED = [403, 409, 413, 415, 422];

/**
 * Sends `archive`; a refusal by the registry is an outcome, not a fault.
 *
 * @throws ApiError when the server can't be reached or answers with a fault.
 */
export async function importModel(archive: Blob): Promise<ImportOutcome> {
  let response: Response;
  try {
    response = await fetch('/models/import', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/zip', accept: 'application/json' },
      body: archive,
    });
  } catch {
    throw new ApiError('unreachable', 'the server does not answer');
  }
  if (response.status === 401) {
    tellSignedOut();
    throw new ApiError('unauthenticated', 'the login session is over');
  }
  if (response.ok) return { model: (await response.json()) as ImportedModel };
  if (REFUSED.includes(response.status)) return { refusal: (await response.json()) as Refusal };
  throw new ApiError(`http-${response.status}`, `the server answered ${response.status}`);
}
