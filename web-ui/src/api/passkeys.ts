/** Passkeys: questions and acts. What devices are asked for and answer travels as JSON text. */
import { document } from './client';
import type { ReadContentInput, Refused, ViewingInput } from './documents';
import { REFUSAL } from './fragments';
import type { Verdict } from './types';

export interface Passkey {
  id: string;
  name: string;
  registeredAt: string;
  lastUsedAt: string | null;
}
/** What is going to be signed: what is typed, or the read that is confirmed. */
export interface ToSign extends Partial<ReadContentInput> {
  caseId: string;
  caseDigest: string;
  verdict?: Verdict;
  viewing?: ViewingInput;
  confirms?: string;
}

const PASSKEY = 'id name registeredAt lastUsedAt';

export const passkeysQuery = document<{ passkeys: Passkey[] }>(
  `query Passkeys { passkeys { ${PASSKEY} } }`,
);
export const startPasskeyRegistrationMutation = document<{
  startPasskeyRegistration: Refused<'options', string>;
}>(`mutation StartPasskeyRegistration { startPasskeyRegistration { options ${REFUSAL} } }`);
export const registerPasskeyMutation = document<
  { registerPasskey: Refused<'passkey', Passkey> },
  { input: { name: string; answer: string; password: string } }
>(
  `mutation RegisterPasskey($input: RegisterPasskeyInput!) {
    registerPasskey(input: $input) { passkey { ${PASSKEY} } ${REFUSAL} } }`,
);
export const revokePasskeyMutation = document<
  { revokePasskey: Refused<'passkeys', Passkey[]> },
  { input: { passkeyId: string } }
>(
  `mutation RevokePasskey($input: RevokePasskeyInput!) {
    revokePasskey(input: $input) { passkeys { ${PASSKEY} } ${REFUSAL} } }`,
);
export const startPasskeySignatureMutation = document<
  { startPasskeySignature: Refused<'options', string> },
  { input: ToSign }
>(
  `mutation StartPasskeySignature($input: StartPasskeySignatureInput!) {
    startPasskeySignature(input: $input) { options ${REFUSAL} } }`,
);
