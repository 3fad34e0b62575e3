import { randomUUID } from "node:crypto";
import { expect } from "chai";
import { claimFence } from "../../../connector/database/tables/fence.ts";
import type { JsonObject } from "../../../connector/mapping/value.ts";
import type { Client } from "../../../connector/pipedrive/client/client.ts";
import { extractStream } from "../../../connector/sync/land/extract-stream.ts";
import type { Run } from "../../../connector/sync/run-context.ts";
import { emptySummary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";
import { compiled } from "../../mapping/checked.ts";

const mapping = compiled({
  persons:
    "stream: persons\nmodel: enduser\ndirection: receive\nfields:\n  - {planhat: email, pipedrive: emails.primary}\n",
});

/** Returns a client whose list of persons has these pages. */
function listing(pages: readonly JsonObject[][]): Client {
  return {
    async get(
      _path: string,
      { cursor }: { cursor?: string },
      { readBody }: { readBody: (bytes: Buffer) => JsonObject },
    ) {
      const number = Number(cursor ?? 0);
      const next = number + 1 < pages.length ? String(number + 1) : null;
      const text = JSON.stringify({ success: true, data: pages[number], additional_data: { next_cursor: next } });
      const bytes = Buffer.from(text);
      return { status: 200, headers: {}, text, bytes, body: readBody(bytes) };
    },
  } as unknown as Client;
}

eachDatabase((open) => {
  describe("a record that changes while its list is read", () => {
    for (const apart of [1, 2, 3, 4]) {
      it(`is landed as it was last, where it comes again ${apart} groups of pages later`, async () => {
        const database = await open();
        const id = randomUUID();
        await database.transaction((transaction) => claimFence(transaction, id));
        const person = (number: number, second: number, name: string): JsonObject => ({
          id: number,
          name,
          job_title: "x".repeat(4_000),
          update_time: `2026-01-01T00:00:0${second}Z`,
        });
        // Each page exceeds a group, and the first takes longer than the others.
        const pages = [0, 1, 2, 3, 4].map((page) =>
          Array.from({ length: page === 0 ? 500 : 260 }, (_, index) => person(page * 500 + index + 1, page, "Ada")),
        );
        pages[apart]!.push(person(1, apart, "Ada Lovelace"));
        const run = {
          request: {
            database,
            client: listing(pages),
            mapping,
            followChanges: false,
            startDate: undefined,
            signal: new AbortController().signal,
            budget: { takeUnrecorded: () => ({ count: 0, tokens: 0 }) },
          },
          id,
          summary: emptySummary(id, "full"),
          rejections: 0,
          changedInPlanhat: new Map(),
          held: new Map(),
        } as unknown as Run;
        await extractStream(run, "persons");
        const [landed] = await database.query(
          `select count(*)::integer as persons, count(distinct id)::integer as ids,
             (select record->>'name' from pipedrive.persons where id = 1) as name from pipedrive.persons`,
        );
        expect(landed).to.deep.equal({ persons: 1540, ids: 1540, name: "Ada Lovelace" });
      });
    }
  });
});
