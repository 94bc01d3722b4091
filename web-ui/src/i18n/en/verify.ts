/** Words of checking proofs, in the ledger page and in the page that works without a server. */
export const verify = {
  title: 'Check a proof of the ledger',
  purpose:
    'Checks proof files of a Countersign ledger with the public key alone. It works without a network: nothing leaves this page.',
  blocked: 'Save this page and open the saved file: it checks proofs on your own machine.',
  proofs: 'Proof files',
  key: 'Public key of the ledger',
  keyHint: 'countersign/ledger+…',
  keyFile: 'or its file',
  keySource: 'Take the key from somebody you trust, not from the server whose ledger you check.',
  waiting: 'Choose a proof file and the key.',
  outcome: { verified: 'Verified', inconsistent: 'Inconsistent', cannotTell: 'Can’t tell' },
  outcomeMeaning: {
    verified: 'What is said below is shown by the file and the key.',
    inconsistent: 'The file does not fit the ledger that this key signed.',
    cannotTell: 'Nothing is shown, neither for nor against the ledger.',
  },
  why: {
    noCrypto:
      'This browser can’t check Ed25519 signatures. Use a newer one, or “countersign ledger verify --proof FILE --key FILE”.',
    keyMalformed: 'The key is not an Ed25519 key in the form name+hash+key.',
    proofMalformed: 'The file is not a proof of a ledger, or a part of it is missing.',
    entryUnknown: 'The entry stands in the ledger, but is of a form that this page does not know.',
    notSigned:
      'A checkpoint in the file is not signed by this key. Either the key is that of another ledger, or the checkpoint is not genuine.',
    notInLedger: 'The entry does not stand at this place of the ledger that was signed.',
    notCommitted:
      'What the file says of people is not what the entry committed to: it was changed or belongs to another entry.',
    rewritten: 'The newer ledger does not begin with the older one: something in it was changed.',
  },
  shown: {
    inclusion:
      'Entry {{index}} stands in the ledger of {{size}} entries that {{origin}} signed, exactly as below.',
    consistency:
      'The first {{former}} entries of the ledger of {{latter}} entries are those that were signed before. Nothing was changed or taken away.',
  },
  entry: {
    kind: 'Kind',
    actor: 'By',
    subject: 'Subject',
    occurred: 'Happened',
    recorded: 'Recorded',
    whole: 'The whole entry',
  },
  personal: {
    shown: '{{name}}, as committed to: {{told}}',
    erased: '{{name}}: erased on {{told}}; the entry stays proved without it.',
    keptBack: 'What is personal in the entry is not in this file; the entry is proved without it.',
  },
};

/** Words of searching the ledger, and of what stands beside an entry. */
export const ledgerSearch = {
  patient: 'Patient',
  patientHint: 'Patient ID or accession number',
  person: 'Person, service or device',
  from: 'From',
  to: 'Until',
  noneYet: 'None among the entries that were looked through so far. Look further back.',
  further: 'Look further back',
  looked_one: '{{found}} of the {{count}} entry looked through',
  looked_other: '{{found}} of the {{count}} entries looked through',
  badge: { signed: 'signed', waits: 'not yet signed' },
  isSigned:
    'A signed checkpoint vouches for the first {{signed}} entries, and so for entry {{index}}: whoever holds that checkpoint can show any later change of it. The files below prove it without trusting this server.',
  notSigned:
    'No signed checkpoint vouches for this entry yet; the next one will, within about a minute.',
  checkHere: 'Check in this browser',
  offlinePage: 'Save the page that does this without a server',
  offlineMeaning: 'one file, works offline, asks nobody for anything',
};
