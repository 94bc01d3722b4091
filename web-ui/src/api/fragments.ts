/** Parts that several documents ask for. */
export const REFUSAL = 'refusal { code message remedy }';
export const FINDING = 'id kind severity centreMm diameterMm comment';
export const READ = `id verdict findings { ${FINDING} } regions { region disposition } comment isFinal
  signature { printedName signedAt meaning caseDigest contentDigest
    personalKey { publicKey nonce clientData authenticatorData signature } }
  addenda { stance words writtenAt } isConfirmation`;
/** What signing and adding to a read bring back. */
export const SIGNED_CASE = `id state withdrawUntil myRead { ${READ} } reads { ${READ} }`;
