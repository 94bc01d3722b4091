/** What an address of peer learning says: a discussion that is opened, or a case that is to be discussed. Pure. */

/** Which discussions are listed. */
export const SHOWN = ['open', 'closed', 'all'] as const;
export type Shown = (typeof SHOWN)[number];

export interface LearningSearch {
  /** A discussion that is read. */
  discussion?: string;
  /** A case that somebody wants to have discussed. */
  case?: string;
  /** Without it the open ones. */
  shown?: Shown;
}

const idOf = (kind: string, value: unknown): value is string =>
  typeof value === 'string' && new RegExp(`^${kind}_[a-z2-7]+$`).test(value);

/** The fields of an address that mean something; the rest is left out. */
export function learningSearch(search: Record<string, unknown>): LearningSearch {
  const shown = SHOWN.find((one) => one === search.shown);
  return {
    ...(idOf('discussion', search.discussion) ? { discussion: search.discussion } : {}),
    ...(idOf('case', search.case) ? { case: search.case } : {}),
    ...(shown ? { shown } : {}),
  };
}
