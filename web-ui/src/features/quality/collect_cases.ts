/** Finds named cases in the pages of the case list; pure but for the asking. */
import type { Page } from '../../api/types';

/** Rows that one question brings. */
export const CASES_PER_PAGE = 100;
/** What a person can look through; the rest of a long list is named by its ids. */
const PAGES_MAX = 20;

export interface Collected<Row> {
  /** In the order in which they were wanted. */
  rows: Row[];
  /** Wanted, but in no page. */
  missing: string[];
}

/** Asks for page after page until every wanted case is found, or there is none left. */
export async function collectCases<Row extends { id: string }>(
  wanted: readonly string[],
  askPage: (after: string | null) => Promise<Page<Row>>,
): Promise<Collected<Row>> {
  const open = new Set(wanted);
  const found = new Map<string, Row>();
  let after: string | null = null;
  for (let pages = 0; open.size > 0 && pages < PAGES_MAX; pages += 1) {
    const { nodes, pageInfo }: Page<Row> = await askPage(after);
    for (const row of nodes) {
      if (open.delete(row.id)) found.set(row.id, row);
    }
    if (!pageInfo.hasNextPage) break;
    after = pageInfo.endCursor;
  }
  return {
    rows: wanted.flatMap((id) => found.get(id) ?? []),
    missing: wanted.filter((id) => open.has(id)),
  };
}
