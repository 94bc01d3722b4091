/** Words of where releases are sent. */
export const destinations = {
  title: 'Destinations',
  open: 'Destinations',
  meaning:
    'Archives to which releases are sent. What is signed leaves for each destination in use whose kind may have it; a change counts from the next object on.',
  destination: 'Destination',
  kind: 'Kind',
  kinds: { CLINICAL: 'clinical', RESEARCH: 'research' },
  kindMeaning: {
    CLINICAL: 'Gets releases of the supervised and general stages only.',
    RESEARCH: 'Gets releases of the pilot stage too.',
  },
  state: 'State',
  states: { IN_USE: 'in use', PAUSED: 'paused', CLOSED: 'closed' },
  waiting: 'Waiting',
  nothing: 'nothing waits',
  sends_one: '{{count}} release',
  sends_other: '{{count}} releases',
  notes_one: '{{count}} open rejection note',
  notes_other: '{{count}} open rejection notes',
  history: 'History',
  versions_one: '{{count}} version',
  versions_other: '{{count}} versions',
  configuration: 'the configuration',
  added: 'added',
  act: 'Act',
  name: 'Name',
  nameExample: 'Archive of radiology',
  aeTitle: 'AE title',
  host: 'Host',
  port: 'Port',
  why: 'Why?',
  add: 'Add a destination',
  addAct: 'Add it',
  addDone: 'Releases are sent to {{name}} from now on.',
  change: 'Change',
  changeOf: 'Change {{name}}',
  changed: '{{name}} is changed.',
  changeMeaning_one: '{{count}} release waits for it and goes where it is then.',
  changeMeaning_other: '{{count}} releases wait for it and go where it is then.',
  test: 'Call',
  testOf: 'Call {{name}}',
  calling: 'Calling…',
  answered: 'answered in {{milliseconds}} ms',
  silent: 'no answer: {{words}}',
  move: {
    PAUSED: {
      word: 'Pause',
      label: 'Pause {{name}}',
      meaning:
        'Nothing more leaves for {{name}}, within one object. Releases for it wait until it is in use again.',
      done: 'Releases for {{name}} wait.',
    },
    IN_USE: {
      word: 'Use',
      label: 'Use {{name}}',
      meaning_one:
        '{{count}} release that waits for {{name}} is checked once more and sent. What was released while it was closed is not sent there.',
      meaning_other:
        '{{count}} releases that wait for {{name}} are checked once more and sent. What was released while it was closed is not sent there.',
      done: '{{name}} is in use.',
    },
    CLOSED: {
      word: 'Close',
      label: 'Close {{name}}',
      meaning_one:
        'New releases are not meant for {{name}} any more; {{count}} that waits stays held. Recalls still reach it.',
      meaning_other:
        'New releases are not meant for {{name}} any more; {{count}} that wait stay held. Recalls still reach it.',
      done: '{{name}} is closed.',
    },
  },
  empty: {
    title: 'There is no destination',
    text: 'Releases are signed and sent nowhere. Add the archive that is to have them.',
  },
};
