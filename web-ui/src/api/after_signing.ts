/** What follows a signature: the same read under a corrected identity, and addenda. */
import { document } from './client';
import type { Refused, SignedCase } from './documents';
import { REFUSAL, SIGNED_CASE } from './fragments';
import type { Stance } from './types';

export interface ConfirmInput {
  caseId: string;
  readId: string;
  caseDigest: string;
  username: string | null;
  password?: string;
  passkey?: string;
}

export const confirmReadMutation = document<
  { confirmRead: Refused<'case', SignedCase> },
  { input: ConfirmInput }
>(
  `mutation ConfirmRead($input: ConfirmReadInput!) {
    confirmRead(input: $input) { case { ${SIGNED_CASE} } ${REFUSAL} } }`,
);
export const writeAddendumMutation = document<
  { writeAddendum: Refused<'case', SignedCase> },
  { input: { caseId: string; stance: Stance; words: string } }
>(
  `mutation WriteAddendum($input: WriteAddendumInput!) {
    writeAddendum(input: $input) { case { ${SIGNED_CASE} } ${REFUSAL} } }`,
);
