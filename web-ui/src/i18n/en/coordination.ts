/** Words of coordination: open cases, and studies under investigation. */
export const coordination = {
  title: 'Coordination',
  caption: 'Open cases, nearest deadline first',
  filter: 'Cases that want somebody',
  all: 'All open',
  wants: 'Wants',
  nothing: 'nothing at the moment',
  whole: 'Whole case',
  concern: {
    recallToConfirm: 'recall to confirm',
    recallToEvaluate: 'recall to evaluate',
    lacksReaders: 'too few eligible readers',
    overdue: 'overdue',
    deferred: 'put off',
    held: 'held',
    dueSoon: 'due soon',
    untaken: 'nobody has taken it',
  },
  empty: {
    title: 'No case is open',
    text: 'A case appears here when a run has passed its checks, and stays until it is released, rejected or expired.',
  },
  none: {
    title: 'No open case wants this',
    text: 'Choose “All open” to see the others.',
  },
  flagged: {
    title: 'Studies under investigation',
    study: 'Study',
    since: 'Since',
    open: 'Open cases',
    act: 'Act',
    endOf: 'End the investigation of {{name}}',
    none: {
      title: 'No study is under investigation',
      text: 'Choose a case above, or a study on the Studies page, and investigate it: its cases are then held.',
    },
  },
};
