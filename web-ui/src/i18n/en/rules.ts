/** Words of the rules of reading, and of the cases that test readers. */
export const rules = {
  title: 'Rules of reading',
  tab: { rules: 'Rules', samples: 'Test cases' },
  inForce: 'In force: version {{version}}',
  fromConfiguration: 'from the configuration',
  meaning: 'A case keeps the rules that were in force when it was queued.',
  changeThem: 'Change …',
  ruleHeading: 'Rule',
  valueHeading: 'Value',
  meansHeading: 'What it means',
  yes: 'yes',
  no: 'no',
  unit: {
    minutes_one: '{{count}} minute',
    minutes_other: '{{count}} minutes',
    hours_one: '{{count}} hour',
    hours_other: '{{count}} hours',
    days_one: '{{count}} day',
    days_other: '{{count}} days',
    percent_one: '{{count}} %',
    percent_other: '{{count}} %',
  },
  unitName: {
    minutes: 'minutes',
    hours: 'hours',
    days: 'days',
    percent: 'percent',
    perMille: 'of 1,000',
  },
  change: '{{rule}}: {{before}} → {{after}}',
  versions: 'Versions',
  version: 'Version {{version}}',
  nothingChanged: 'Nothing differs.',
  willChange: 'What will be different',
  weaker: '(a safeguard becomes weaker)',
  fromThenOn: 'It holds for cases queued from then on; open cases keep their rules.',
  why: 'Why are the rules changed?',
  putInForce: 'Put in force',
  changed: 'Version {{version}} is in force for cases queued from now on',
  outOfBounds: 'A value is out of its bounds.',
  rule: {
    dueMinutesStat: {
      name: 'Due after (STAT)',
      means: 'When a STAT case should have ended after it was queued.',
    },
    dueMinutesUrgent: {
      name: 'Due after (urgent)',
      means: 'When an urgent case should have ended after it was queued.',
    },
    dueMinutes: {
      name: 'Due after (routine)',
      means: 'When a routine case should have ended after it was queued.',
    },
    dueMinutesOffPeak: {
      name: 'Due after (off-peak)',
      means: 'When an off-peak case should have ended after it was queued.',
    },
    escalatesPercentStat: {
      name: 'Moves up (STAT)',
      means: 'After how much of its time the case comes before others as urgent.',
    },
    escalatesPercentUrgent: {
      name: 'Moves up (urgent)',
      means: 'After how much of its time the case comes before others as urgent.',
    },
    escalatesPercentRoutine: {
      name: 'Moves up (routine)',
      means: 'After how much of its time the case comes before others as urgent.',
    },
    escalatesPercentOffPeak: {
      name: 'Moves up (off-peak)',
      means: 'After how much of its time the case comes before others as urgent.',
    },
    expiresAfterHours: {
      name: 'Expires after',
      means: 'When a case is of no use any more; it ends unreleased.',
    },
    finalisationMinutes: {
      name: 'Withdrawal',
      means: 'How long a reader may take a signed read back; 0 makes it final at once.',
    },
    leaseMinutes: { name: 'Hold', means: 'How long a case stays with a reader without activity.' },
    leaseHoursMax: {
      name: 'Longest hold',
      means: 'How long a case stays with a reader whatever the activity.',
    },
    firstCallMinutes: {
      name: 'First call',
      means: 'How long a slot is kept for the reader whose hold lapsed.',
    },
    requireCredentials: {
      name: 'Credentials',
      means: 'Whether a reader needs a valid credential for the modality and use.',
    },
    requireRegionDispositions: {
      name: 'Every region answered',
      means: 'Whether each flagged region must be disposed of before signing.',
    },
    adjudicatorsTakeFirstSlots: {
      name: 'Adjudicators read first',
      means: 'Whether adjudicators are offered first reads too.',
    },
    decoyPerMille: {
      name: 'Third reads of agreed cases',
      means: 'Among them the discordant ones hide, so that an adjudicator reads without knowing.',
    },
    sentinelPerMille: {
      name: 'Sentinels',
      means: 'Known bad cases mixed in among the queued ones; never released.',
    },
    repeatPerMille: {
      name: 'Repeats',
      means: 'Ended cases that one of their readers reads again.',
    },
    repeatAfterDays: {
      name: 'Repeat after',
      means: 'How long after its end a case is read again.',
    },
    evaluationPerMille: {
      name: 'Evaluated at shadow',
      means:
        'Share of the cases at shadow that evaluation readers are asked to read. They are never released.',
    },
    evaluationExpiresAfterHours: {
      name: 'Evaluations expire',
      means:
        'How long a case at shadow may wait; it waits for the clinical cases of the same source first.',
    },
  },
  samples: {
    meaning:
      'Sentinels are known to be bad and should be rejected; repeats should be read as they were the first time. Readers know that both exist, not which they are. None of them counts in figures, gates or deadlines.',
    sentinels: 'Sentinels: {{right}} of {{count}} rejected',
    repeats: 'Repeats: {{right}} of {{count}} read as the first time',
    kind: 'Kind',
    case: 'Case',
    madeOf: 'Made of',
    reader: 'Reader',
    verdict: 'Verdict',
    outcome: 'Outcome',
    signed: 'Signed',
    kinds: { CLINICAL: 'clinical', SENTINEL: 'sentinel', REPEAT: 'repeat' },
    sentinel: { yes: 'rejected', no: 'not rejected' },
    repeat: { yes: 'as the first time', no: 'otherwise than the first time' },
    couldNotJudge: 'could not judge',
    empty: {
      title: 'No test case has been read yet',
      text: 'Mark a rejected case as a sentinel on its page; repeats are drawn by themselves from ended cases.',
    },
  },
};
