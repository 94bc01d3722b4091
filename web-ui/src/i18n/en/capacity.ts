/** Words about the workers and what waits for them. */
export const capacity = {
  title: 'Capacity',
  measured:
    'Measured over the last {{hours}} hours. Workers are counted by what they did at the same time. A more urgent run goes first; what has waited long comes before it all the same.',
  empty: {
    title: 'No pool has been asked for anything lately',
    text: 'The pools of deployments appear here with their first run.',
  },
  pool: 'Pool',
  waiting: 'Runs waiting',
  oldest: 'Oldest',
  running: 'Running',
  workers: 'Workers seen',
  perJob: 'Time a run',
  use: 'In use',
  expected: 'A new run waits (95 %)',
  notMeasured: 'too few runs to measure: as long as the oldest waits',
  held_one: '{{count}} run of {{name}} waits until its pool has room, since',
  held_other: '{{count}} runs of {{name}} wait until its pool has room, the oldest since',
};
