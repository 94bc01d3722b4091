/** The tabs of the page, as its address names them. */
export const RULES_TABS = ['rules', 'samples'] as const;
export type RulesTab = (typeof RULES_TABS)[number];
