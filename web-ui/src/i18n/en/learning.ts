/** Peer learning: discussions of cases that are over. */
export const learning = {
  learning: {
    title: 'Peer learning',
    discuss: 'Discuss…',
    meaning:
      'Cases that you read and that are over, discussed without names. It is for learning and never for judging anybody: nothing here is counted by person.',
    meaningQuality:
      'Cases that are over, discussed with those who read them. Readers see no names; nothing here is counted by person.',
    list: 'Discussions',
    search: 'Search in discussions',
    searchHint: 'Words',
    shown: { open: 'Open', closed: 'Closed', all: 'All' },
    empty: {
      title: 'Nothing is discussed yet',
      text: 'When a case that you signed is over, open it and choose “Discuss…”. What others have discussed of your cases appears here too.',
      textQuality:
        'Open a case that is over from the list of cases and choose “Discuss…”: a discrepancy, a good catch, or what the model did.',
    },
    none: {
      title: 'No discussion matches',
      text: 'Take a word away, or look among all.',
    },
    gone: {
      title: 'There is no such discussion here for you now',
      text: 'It may show again later. Open what there is from the list.',
    },
    case: 'Case {{id}}…',
    question: 'Question',
    about: 'About',
    state: 'State',
    contributions: 'Contributions',
    openedAt: 'Since',
    isOpen: 'open',
    isClosed: 'closed',
    one: 'One discussion',
    open: 'Have a case discussed',
    openMeaning:
      'It is shown to quality and to those who read the case, without names. That works once the case, and every other one of the same images, is over.',
    openAct: 'Open the discussion',
    opened: 'The discussion is open.',
    noNames: 'Write no name of a patient or of a reader.',
    chars: '{{left}} characters left.',
    reads: 'What was signed',
    ownRead: 'Your read',
    said: 'What was said',
    nothingSaid: 'Nobody has said anything yet.',
    say: 'What you would add',
    sayMeaning: 'It can’t be changed afterwards. Write no name of a patient or of a reader.',
    sayAct: 'Add',
    saidDone: 'It is added.',
    voice: {
      OWN: 'you',
      READER: 'a reader of this case',
      ANOTHER: 'another reader',
      QUALITY: 'quality',
    },
    audience: {
      READERS_LATER:
        'Those who read the case don’t see this now: another case of the same images can still be read. It shows to them again when that is over.',
      QUALITY: 'This case tests readers: only quality sees this discussion.',
    },
    point: 'What is to be learned',
    close: 'Close with what is to be learned…',
    closeMeaning:
      'It is what stays of the discussion; nothing can be added afterwards. Write no name of a patient or of a reader.',
    closeAct: 'Close the discussion',
    closed: 'The discussion is closed.',
    score: 'Score of the reading (RADPEER, optional)',
    scoreMeaning:
      'How you, who read none of these images, would have read the case. It is counted by model version, deployment and month, and never by reader. You may give another one later; the last one stands.',
    scoreAct: 'Give this score',
    scored: 'The score is noted.',
    scores: 'Scores of readings, last 365 days',
    grouped: 'Grouped by',
    scoredCases: 'Cases',
    tooFew: 'Groups of fewer than {{count}} cases show no counts.',
    noScores: {
      title: 'No reading was scored',
      text: 'Open a discussion and score how the case was read, if you read none of its images.',
    },
  },
  discussionKind: {
    DISCREPANCY: 'Discrepancy',
    GOOD_CATCH: 'Good catch',
    MODEL_ERROR: 'AI invented, lost or bent something',
    TECHNICAL: 'Technical',
    OTHER: 'Something else',
  },
  radpeer: {
    ONE: { short: '1', meaning: 'I would have read it so' },
    TWO_A: {
      short: '2a',
      meaning: 'I read it otherwise, which is understandable; unlikely to matter',
    },
    TWO_B: {
      short: '2b',
      meaning: 'I read it otherwise, which is understandable; likely to matter',
    },
    THREE_A: {
      short: '3a',
      meaning: 'I read it otherwise, as most would have; unlikely to matter',
    },
    THREE_B: { short: '3b', meaning: 'I read it otherwise, as most would have; likely to matter' },
  },
};
