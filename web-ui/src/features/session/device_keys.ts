/** Asks the device that holds a person's passkeys (WebAuthn, section 5.1). */

/** Why a device gave no answer: the person stopped it, or the browser has no passkeys here. */
export class NoAnswer extends Error {}

async function answerOf(asked: Promise<Credential | null>): Promise<string> {
  try {
    const given = await asked;
    if (given instanceof PublicKeyCredential) return JSON.stringify(given.toJSON());
  } catch (error) {
    throw new NoAnswer(error instanceof Error ? error.name : 'unknown');
  }
  throw new NoAnswer('none');
}

/** Whether this browser, on this page, has passkeys at all. */
export const hasPasskeys = () =>
  typeof PublicKeyCredential !== 'undefined' &&
  'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Has a device make a key. */
export const madeKey = (options: string) =>
  answerOf(
    navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)),
    }),
  );

/** Has a device sign. */
export const signedByKey = (options: string) =>
  answerOf(
    navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)),
    }),
  );
