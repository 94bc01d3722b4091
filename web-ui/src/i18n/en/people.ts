/** Words of who may read what, and who is too close. */
export const people = {
  title: 'People',
  tab: { credentials: 'Credentials', conflicts: 'Conflicts of interest' },
  person: 'Person',
  mayRead: 'May read',
  use: 'Use',
  act: 'Act',
  task: {
    denoise: 'denoising',
    'super-resolution': 'super-resolution',
    translation: 'translation',
    synthesis: 'synthesis',
    progression: 'progression',
  },
  validity: {
    valid: 'valid',
    endsSoon: 'ends soon',
    ended: 'ended',
    revoked: 'taken back',
    notYet: 'not yet valid',
  },
  purpose: 'Reads for',
  purposes: { CLINICAL: 'patients', EVALUATION: 'evaluation at shadow' },
  credential: {
    meaning:
      'Where the rules ask for credentials, a reader is only offered cases of a modality and use for which one is valid.',
    state: 'State',
    from: 'From',
    until: 'Until',
    empty: {
      title: 'Nobody holds a credential yet',
      text: 'Grant one to a reader on this page. While the rules ask for credentials, nobody without one is offered a case.',
    },
    grantTitle: 'Grant a credential',
    lastDay: 'Last day',
    grant: 'Grant',
    grantMeaning: {
      CLINICAL:
        '{{name}} may then read {{modality}} for {{task}} until the end of {{until}}, and is offered such cases at once.',
      EVALUATION:
        '{{name}} may then evaluate {{modality}} for {{task}} at shadow until the end of {{until}}. Such cases are listed apart and are never released.',
    },
    granted: '{{name}} may read {{modality}} for {{task}} until the end of {{until}}.',
    revoke: 'Take back',
    revokeOf: 'Take back {{modality}} for {{task}} from {{name}}',
    revokeMeaning:
      '{{name}} is offered no more {{modality}} for {{task}} from now on. It can’t be undone; a new credential can be granted.',
    revoked: '{{name}} may no longer read {{modality}} for {{task}}.',
  },
  conflict: {
    meaning:
      'Who is too close to a patient or a model is not offered its cases. Readers declare their own on the worklist.',
    with: 'Too close to',
    study: 'study',
    deployment: 'deployment',
    declared: 'Declared',
    entries: 'Who declared it',
    choose: 'choose …',
    subject: { study: 'Id of the study', deployment: 'Deployment' },
    empty: {
      title: 'No conflict of interest is declared',
      text: 'A reader declares one beside a case on the worklist; for somebody else it is declared here.',
    },
    declareTitle: 'Declare for somebody else',
    declare: 'Declare',
    will: {
      study: '{{name}} is then offered no case of this study; a hold on one ends.',
      deployment: '{{name}} is then offered no case of this deployment.',
    },
    did: {
      study: '{{name}} is no longer offered cases of this study.',
      deployment: '{{name}} is no longer offered cases of this deployment.',
    },
    own: {
      act: 'I am too close to this patient',
      meaning:
        'You will not be offered this study again, and a hold on it ends. Coordinators see that you declared it and why.',
      reason: 'Why are you too close?',
      done: 'You are no longer offered cases of this study.',
    },
  },
};
