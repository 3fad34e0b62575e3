import { expect } from "chai";
import fc from "fast-check";
import pg from "pg";
import { stringify } from "yaml";
import { openDatabase } from "../../connector/database/open/open-database.ts";
import type { FieldDefinition } from "../../connector/sandbox/account/field-definition.ts";
import { type Sandbox, startSandbox } from "../../connector/sandbox/server.ts";
import { eachDatabase } from "../databases.ts";
import { emptied } from "../faults/emptied.ts";
import { syncInProcess } from "../faults/in-process-sync.ts";
import { postgresServer } from "../postgres-server.ts";
import { emptyAccount, wonDeal } from "../sandbox-sync.ts";

/** Parts of names that may confuse a program, a shell, a template or a user's eye. */
const pieces = fc.oneof(
  fc.constantFrom('"; drop table planhat.companies; --', "'; drop schema planhat cascade; --", "$$", "$1", "?", "??"),
  fc.constantFrom("\\", '\\"', "\\'", "''", '""', "`", "\n", "\r\n", "\t", "${HOME}", "%s", "{}", "[]", '["', '"]'),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "toString",
    "null",
    "true",
    ":",
    "- ",
    "#",
    "&a",
    "*a",
    "<script>",
    "\u202e",
  ),
  fc.constantFrom(".", "$", "/", "../", "\u0001", "\u001b[31m", "\u2028", "😀", "é", "e\u0301", "\ufeff", "\uffff"),
  fc.string(),
);

/** Names built from such parts: Pipedrive gives none with blanks at its ends. */
const names = fc
  .array(pieces, { minLength: 1, maxLength: 4 })
  .map((parts) => `A${parts.join("")}z`.replaceAll("\0", ""));

function textField(label: string, code: string): FieldDefinition {
  const rest = { description: null, is_custom_field: true, is_optional_response_field: false, subfields: null };
  return { field_name: label, field_code: code, field_type: "varchar", options: null, ...rest };
}

describe("names of fields, labels and pipelines that are made to do harm", function () {
  this.timeout(300_000);
  eachDatabase((open) => {
    let sandbox: Sandbox;
    let organizationId: number;
    before(async () => {
      const limits = { burstLimit: 100_000, dailyTokens: Number.POSITIVE_INFINITY };
      sandbox = await startSandbox({ ...emptyAccount, ...limits });
      organizationId = wonDeal(sandbox).organizationId;
    });
    after(() => sandbox?.close());

    it("are names like any other, from Pipedrive to the column and in the mapping, and nothing happens to a table", async () => {
      const database = await open();
      const { store } = sandbox;
      const fields = store.fields.organizations;
      const kept = fields.length;
      const key = "0123456789abcdef0123456789abcdef01234567";
      const invented = fc.record({ label: names, other: names, target: names, pipeline: names, value: names });
      await fc.assert(
        fc.asyncProperty(invented, async ({ label, other, target, pipeline, value }) => {
          fc.pre(label !== other && ![label, other].some((one) => fields.some((field) => field.field_name === one)));
          fields.splice(kept);
          const options = [{ id: 7001, label: other, color: null }];
          fields.push(textField(label, key));
          fields.push({ ...textField(other, key.replace("0", "f")), field_type: "enum", options });
          // It is in the account and in no mapping.
          fields.push(textField("NUL \0 and half a pair \ud800", key.replace("0", "e")));
          (store.pipelines[0] as { name: string }).name = pipeline;
          const custom = { [key]: value, [key.replace("0", "f")]: 7001 };
          store.update("organizations", organizationId, { name: value, custom_fields: custom });
          const from = (one: string) => `["${one.replace(/[\\"]/g, "\\$&")}"]`;
          const organizations = {
            stream: "organizations",
            fields: [
              { planhat: "name", pipedrive: "name" },
              { planhat: `custom.${target}`, pipedrive: from(label) },
              { planhat: `custom.${target} 2`, pipedrive: from(other) },
            ],
          };
          const license = [
            { planhat: "_currency", pipedrive: "currency" },
            { planhat: "fromDate", pipedrive: "$start_date" },
            { planhat: "product", pipedrive: "$pipeline.name" },
          ];
          const deals = {
            stream: "deals",
            pipelines: [pipeline],
            start_date: ["won_time"],
            models: [{ model: "license", fields: license }],
          };
          const files = { "organizations.yaml": stringify(organizations), "deals.yaml": stringify(deals) };
          await emptied(database);
          const { status } = await syncInProcess(
            { url: sandbox.url, token: sandbox.token, location: database.location },
            { database, files },
          );
          expect(status).to.equal("succeeded");
          const rows = await database.query<{ name: string; custom: Record<string, unknown>; product: string }>(
            "select c.name, c.custom, l.product from planhat.companies c join planhat.licenses l on l.company_id = c.id",
          );
          expect(rows).to.have.length(1);
          const [{ name, custom: stored, product }] = rows as [(typeof rows)[0]];
          expect([name, product]).to.deep.equal([value, pipeline]);
          expect(Object.entries(stored)).to.have.deep.members([
            [target, value],
            [`${target} 2`, other],
          ]);
        }),
        { numRuns: 25 },
      );
      const [tables] = await database.query<{ count: number }>(
        "select count(*)::int as count from pg_tables where schemaname in ('pipedrive', 'planhat', 'connector')",
      );
      expect(tables?.count).to.be.greaterThan(20);
    });
  });

  it("may be those of the database itself", async () => {
    const name = `a"' drop table x --\\ é`;
    const url = new URL(await postgresServer());
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    try {
      await client.query(`create database ${client.escapeIdentifier(name)} template template0 encoding 'UTF8'`);
      url.pathname = `/${encodeURIComponent(name)}`;
      const database = await openDatabase(url.href);
      const found = await database.query(
        "select current_database() as name, count(*)::int as rows from connector.fence",
      );
      await database.close();
      expect(found).to.deep.equal([{ name, rows: 1 }]);
    } finally {
      await client.query(`drop database if exists ${client.escapeIdentifier(name)}`);
      await client.end();
    }
  });
});
