import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { columnsOf, keptData, keptDataTable } from "../../../connector/database/tables/kept-data.ts";
import { packageRoot } from "../../../connector/package-root.ts";

/** The tables and columns of the golden file of the schema, which its own test holds against real databases. */
function realTables(): Map<string, Map<string, string>> {
  const schema = readFileSync(join(packageRoot, "test/fixtures/schema.sql"), "utf8");
  const tables = [...schema.matchAll(/^create table (\S+) \(\n([\s\S]*?)\n\);$/gm)];
  return new Map(
    tables.map(([, table, body]) => {
      const columns = body!.split(/,\n/).map((line) => /^\s*"?(\w+)"? (.*)$/.exec(line)!);
      return [table!, new Map(columns.map(([, name, type]) => [name!, type!]))];
    }),
  );
}

describe("the register of what is kept", () => {
  const real = realTables();

  it("names every table of the database, and no other", () => {
    expect(real.size).to.be.greaterThan(30);
    expect(Object.keys(keptData).sort()).to.deep.equal([...real.keys()].sort());
  });

  for (const [table, columns] of real) {
    it(`names every column of ${table} once, and no other`, () => {
      expect(columnsOf(keptData[table]!).sort()).to.deep.equal([...columns.keys()].sort());
    });
  }

  it("tells the age of a table by a column that holds a time", () => {
    for (const [table, { since }] of Object.entries(keptData)) {
      if (since !== undefined) expect(real.get(table)?.get(since), `${table}.${since}`).to.match(/^(timestamp|date)/);
    }
  });

  it("calls a column of documents personal, or says here why it is not", () => {
    // State of streams, the counts that an alert tells, and places and ids that a forgetting has still to tell.
    const harmless = [
      "connector.bookmarks.state",
      "connector.alerts.began_with",
      "connector.alerts.ended_with",
      "connector.forgetting.details",
    ];
    const unnamed = [...real].flatMap(([table, columns]) =>
      [...columns].flatMap(([column, type]) =>
        /^jsonb?\b/.test(type) && !(column in keptData[table]!.personal) ? [`${table}.${column}`] : [],
      ),
    );
    expect(unnamed.sort()).to.deep.equal(harmless.sort());
  });

  it("is the table of docs/privacy.md (node --import tsx schemas/generate-privacy-docs.ts writes it)", () => {
    expect(readFileSync(join(packageRoot, "docs/privacy.md"), "utf8")).to.include(keptDataTable());
  });
});
