/** Words of what follows a signature: addenda, confirmation, passkeys. */
export const afterSigning = {
  addendum: {
    list: 'Written since',
    open: 'Add to it …',
    meaning: 'What you signed stays as it is.',
    KEEPS: 'I keep to it',
    CHANGES: 'I would not sign it any more',
    changesMeaning:
      'Nothing is released on this read from now on. If it is released already, quality is asked whether to recall it. This can’t be taken back.',
    words: 'What is there to add?',
    act: 'Add',
  },
  confirmation: {
    title: 'You have read these very images',
    text: 'The study’s identity was corrected since; every value of the original and of the AI image is the same. Look at whose they are now, and confirm your read, or read anew.',
    open: 'Confirm my read …',
    leave: 'Read anew',
    sign: 'Confirm your read',
    now: 'Now the images of',
    act: 'Confirm',
    is: 'confirmed under the corrected identity',
  },
  passkey: {
    title: 'Passkeys',
    meaning:
      'A passkey on your device signs in place of your password, over exactly what you sign. At the first signature after signing in you still type your name.',
    none: 'You have none.',
    unable: 'This browser has no passkeys, or not on a page under this address.',
    registered: 'registered',
    lastUsed: 'last used',
    revoke: 'Revoke',
    revokeNamed: 'Revoke {{name}}',
    register: 'Register a passkey',
    name: 'What do you call it?',
    nameHint: 'Key on my ring',
    sign: 'Sign with a passkey',
    signed: 'with a passkey',
    noAnswer: 'The device gave no answer, or you stopped it. Nothing was signed or registered.',
  },
};
