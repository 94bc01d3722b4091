/** The tabs of the page, as its address names them. */
export const STUDIES_TABS = ['studies', 'quarantine'] as const;
export type StudiesTab = (typeof STUDIES_TABS)[number];
