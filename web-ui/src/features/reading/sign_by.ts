/** Signs by what was typed, or by a passkey that signs the very same. */
import { ask } from '../../api/client';
import { startPasskeySignatureMutation, type ToSign } from '../../api/passkeys';
import type { Refusal } from '../../api/types';
import { signedByKey } from '../session/device_keys';
import type { Components } from '../session/signature';

export type SignsBy = 'password' | 'passkey';

/** What goes with the read: name where it is wanted, and either the password or the passkey's answer. */
type Shown = Pick<Components, 'username'> & { password?: string; passkey?: string };

/**
 * Sends a signature. A passkey is asked first to sign what is sent.
 *
 * @throws NoAnswer where the device gave none.
 */
export async function signBy<Signed>(
  by: SignsBy,
  toSign: ToSign,
  { username, password }: Components,
  send: (shown: Shown) => Promise<{ case: Signed | null; refusal: Refusal | null }>,
): Promise<{ case: Signed | null; refusal: Refusal | null }> {
  if (by === 'password') return send({ username, password });
  const { startPasskeySignature } = await ask(startPasskeySignatureMutation, { input: toSign });
  const { options, refusal } = startPasskeySignature;
  if (!options) return { case: null, refusal };
  return send({ username, passkey: await signedByKey(options) });
}
