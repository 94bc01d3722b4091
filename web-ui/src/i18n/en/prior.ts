/** Words of earlier images of the patient. */
export const prior = {
  prior: {
    title: 'PRIOR',
    of: '{{at}} of {{of}}',
    sameDay: 'earlier the same day',
    earlier: {
      days_one: '{{count}} day earlier',
      days_other: '{{count}} days earlier',
      weeks_one: '{{count}} week earlier',
      weeks_other: '{{count}} weeks earlier',
      months_one: '{{count}} month earlier',
      months_other: '{{count}} months earlier',
      years_one: '{{count}} year earlier',
      years_other: '{{count}} years earlier',
    },
    likeness: {
      SAME_REGION: 'same body part',
      OVERLAPPING_REGION: 'overlapping body part',
      SAME_MODALITY: 'another body part',
      OTHER_MODALITY: 'another modality',
    },
    link: {
      frame: 'linked by patient position',
      otherFrame: 'not the same frame of reference',
      otherPlane: 'the slices lie across',
      toAlign: 'scroll here to the same place, then =',
      byHand: 'aligned by hand at {{at}} mm (offset {{offset}} mm)',
    },
    none: 'No prior: nothing earlier of this patient, certain in identity and date, has been received here.',
    notHeld: 'Priors are shown while you hold the case.',
    loading: '{{loaded}} of {{total}} slices of the prior loaded',
    failed: 'The prior can’t be shown: {{why}}. The other images are not touched by this.',
    failedOfSeveral:
      'The prior can’t be shown: {{why}}. Shift P shows another one; the other images are not touched by this.',
  },
};
