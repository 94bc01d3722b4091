/** The tabs of the page, as its address names them. */
export const PEOPLE_TABS = ['credentials', 'conflicts', 'accounts'] as const;
export type PeopleTab = (typeof PEOPLE_TABS)[number];
