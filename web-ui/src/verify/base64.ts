/** Base64 as strictly as the command line reads it: padded, and nothing left over. */

const FORM = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes, or null where the text is not their one right form. Source: RFC 4648 §4. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!FORM.test(text)) return null;
  const letters = atob(text);
  if (btoa(letters) !== text) return null;
  return Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);
