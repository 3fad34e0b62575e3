import { randomUUID } from "node:crypto";
import { expect } from "chai";
import fc from "fast-check";
import type { AccountCatalog } from "../../../connector/account-catalog.ts";
import type { Database } from "../../../connector/database/database.ts";
import { claimFence } from "../../../connector/database/tables/fence.ts";
import { checkMapping } from "../../../connector/mapping/check/check-mapping.ts";
import type { CompiledMapping } from "../../../connector/mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import type { SourceRecord } from "../../../connector/pipedrive/records/decode.ts";
import { modelCatalog } from "../../../connector/planhat/models.ts";
import { applyPending } from "../../../connector/sync/apply/apply-pending.ts";
import { land } from "../../../connector/sync/land/land.ts";
import { emptySummary } from "../../../connector/sync/summary.ts";
import { eachDatabase } from "../../databases.ts";

const tier = "a".repeat(40);
const score = "b".repeat(40);
const catalog: AccountCatalog = {
  companyDomain: "acme",
  fields: {
    organizations: [
      { label: "Website", key: "website", type: "varchar", custom: false },
      { label: "Address", key: "address", type: "address", custom: false },
      { label: "Tier", key: tier, type: "varchar", custom: true },
      { label: "Score", key: score, type: "double", custom: true },
    ],
    persons: [],
    deals: [],
  },
  pipelines: [],
  stages: [],
  users: [],
};
const mapping = ((): CompiledMapping => {
  const checked = checkMapping(
    [
      {
        name: "organizations.yaml",
        text: `stream: organizations
model: company
direction: receive
fields:
  - {planhat: name, pipedrive: name}
  - {planhat: web, pipedrive: website}
  - {planhat: city, pipedrive: address.locality}
  - {planhat: zip, pipedrive: address.postal_code}
  - {planhat: custom.Tier, pipedrive: Tier}
  - {planhat: custom.Score, pipedrive: Score}
`,
      },
      {
        name: "deals.yaml",
        text: `stream: deals
direction: receive
start_date: [won_time]
models:
  - model: license
    fields:
      - {planhat: _currency, pipedrive: currency}
      - {planhat: fromDate, pipedrive: $start_date}
`,
      },
    ],
    { catalog, models: modelCatalog },
  );
  if (checked.mapping === undefined) throw new Error(JSON.stringify(checked.problems));
  return checked.mapping;
})();

/** The four ways in which a record may give a field; the last two mean the same. */
const absent = Symbol("absent");
type Said = string | number | null | "" | typeof absent;
const text: fc.Arbitrary<Said> = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8 }).filter((value) => !/[\0\p{Surrogate}]/u.test(value)),
  fc.constantFrom<Said>(null, "", absent, "\\N", "null", "{}", "a\tb\\n"),
);
const number: fc.Arbitrary<Said> = fc.oneof(fc.integer(), fc.constantFrom<Said>(null, absent, 0, 0.5));
const organization = fc.record({ website: text, locality: text, postal_code: text, tier: text, score: number });
type Organization = { website: Said; locality: Said; postal_code: Said; tier: Said; score: Said };

function without(values: Record<string, Said>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== absent)) as JsonObject;
}

function organizationRecord(
  id: number,
  { website, locality, postal_code, tier: said, score: number }: Organization,
): JsonObject {
  return {
    id,
    name: "Acme",
    ...without({ website }),
    address: without({ locality, postal_code }),
    custom_fields: without({ [tier]: said, [score]: number }),
  };
}

/** Returns the row's field after a record gave this value: the rule of the contract in one line. */
function fieldAfter(before: Json | undefined, said: Said): Json | undefined {
  return said === absent || said === "" ? before : (said as Json);
}

eachDatabase((open) => {
  describe("the three states of a value, from the record to the column", () => {
    let database: Database;
    const run = randomUUID();
    let nextId = 1;
    before(async () => {
      database = await open();
      await database.transaction((transaction) => claimFence(transaction, run));
    });

    const source = (record: JsonObject): SourceRecord => ({
      id: record["id"] as number,
      record,
      updateTime: null,
      deleted: false,
    });
    const sync = async (organizations: JsonObject[], deals: JsonObject[]) => {
      const following = { everyDeal: true, otherStreams: false };
      await database.transaction(async (transaction) => {
        const landing = { id: run, summary: emptySummary(run, "full") };
        await land(
          transaction,
          landing,
          { stream: "organizations", records: organizations.map(source), rejected: [] },
          following,
        );
        await land(transaction, landing, { stream: "deals", records: deals.map(source), rejected: [] }, following);
      });
      const context = {
        mapping,
        runId: run,
        history: { runId: run, isKept: true },
        summary: emptySummary(run, "full"),
        rejections: 0,
      };
      await applyPending(database, context);
      expect(context.rejections).to.equal(0);
    };

    it("a value is written, null becomes NULL, and empty leaves what is there, over any history of any batch", async () => {
      const histories = fc.array(fc.array(organization, { minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(histories, async (companies) => {
          const first = nextId;
          nextId += companies.length;
          const expected = companies.map(() => ({}) as Record<string, Json | undefined>);
          const rounds = Math.max(...companies.map((history) => history.length));
          for (let round = 0; round < rounds; round++) {
            // Rows of one batch set different columns: none may affect another.
            const batch = companies.flatMap((history, index) => {
              const said = history[round];
              return said === undefined ? [] : [{ id: first + index, said, index }];
            });
            await sync(
              batch.map(({ id, said }) => organizationRecord(id, said)),
              batch.map(({ id }) => ({
                id,
                org_id: id,
                status: "won",
                won_time: "2026-01-31T10:00:00Z",
                currency: "EUR",
                round,
              })),
            );
            for (const { said, index } of batch) {
              const row = expected[index]!;
              row["web"] = fieldAfter(row["web"], said.website);
              row["city"] = fieldAfter(row["city"], said.locality);
              row["zip"] = fieldAfter(row["zip"], said.postal_code);
              row["Tier"] = fieldAfter(row["Tier"], said.tier);
              row["Score"] = fieldAfter(row["Score"], said.score);
            }
          }
          const rows = await database.query<{ web: Json; city: Json; zip: Json; custom: JsonObject }>(
            "select web, city, zip, custom from planhat.companies where source_id::bigint >= $1 order by source_id::bigint",
            [first],
          );
          // A column has no third state: a value never given is NULL too. `custom` has one: a missing key.
          expect(rows.map(({ custom, ...columns }) => ({ ...columns, custom }))).to.deep.equal(
            expected.map(({ web = null, city = null, zip = null, Tier, Score }) => ({
              web,
              city,
              zip,
              custom: JSON.parse(JSON.stringify({ Tier, Score })) as JsonObject,
            })),
          );
        }),
        { numRuns: 40 },
      );
    });
  });
});
