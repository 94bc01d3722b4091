import { describe, expect, it } from 'vitest';
import { collectCases } from './collect_cases';

/** A case list of two rows a page, and the cursors that were asked for. */
function listOf(...ids: string[]) {
  const asked: (string | null)[] = [];
  const askPage = async (after: string | null) => {
    asked.push(after);
    const start = after === null ? 0 : Number(after);
    const endCursor = String(start + 2);
    const nodes = ids.slice(start, start + 2).map((id) => ({ id }));
    return { nodes, pageInfo: { hasNextPage: start + 2 < ids.length, endCursor } };
  };
  return { asked, askPage };
}

describe('the cases behind a figure', () => {
  it('come in the order of the figure, whatever the order of the list', async () => {
    const { askPage } = listOf('a', 'b', 'c', 'd');
    const { rows, missing } = await collectCases(['d', 'a'], askPage);
    expect(rows.map(({ id }) => id)).toEqual(['d', 'a']);
    expect(missing).toEqual([]);
  });
  it('are looked for no further than they have to be', async () => {
    const { asked, askPage } = listOf('a', 'b', 'c', 'd', 'e');
    await collectCases(['b', 'c'], askPage);
    expect(asked).toEqual([null, '2']);
  });
  it('that no page has are named', async () => {
    const { askPage } = listOf('a', 'b', 'c');
    expect((await collectCases(['c', 'x'], askPage)).missing).toEqual(['x']);
  });
  it('cost no question when there are none', async () => {
    const { asked, askPage } = listOf('a');
    expect(await collectCases([], askPage)).toEqual({ rows: [], missing: [] });
    expect(asked).toEqual([]);
  });
});
