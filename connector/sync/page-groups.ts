import type { Page } from "../pipedrive/read-pages.ts";

/** How much is landed in one transaction: statements and commits cost by the piece, memory by what waits. */
const mostRecords = 1000;
const mostCharacters = 8_000_000;

/**
 * Pages of one stream joined to groups that are worth a transaction; a group's state is its last page's. Where reading
 * fails, what was read until then is still handed on, and the failure comes after it.
 */
export async function* pageGroups(pages: AsyncIterable<Page>): AsyncGenerator<Page, void> {
  let group: Page | undefined;
  try {
    for await (const page of pages) {
      group = group === undefined ? page : joined(group, page);
      if (group.records.length < mostRecords && group.size < mostCharacters) continue;
      const full: Page = group;
      group = undefined;
      yield full;
    }
  } catch (error) {
    if (group !== undefined) yield group;
    throw error;
  }
  if (group !== undefined) yield group;
}

function joined(group: Page, page: Page): Page {
  return {
    ...page,
    records: [...group.records, ...page.records],
    rejected: [...group.rejected, ...page.rejected],
    size: group.size + page.size,
  };
}
