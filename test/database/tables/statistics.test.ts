import { expect } from "chai";
import { analyzeRows } from "../../../connector/database/tables/statistics.ts";
import { eachDatabase } from "../../databases.ts";

// Autovacuum comes a minute or more after a large run, the next sync perhaps immediately. Without statistics Postgres
// takes the tables for empty, and scans all links of a stream for those of a few records.
describe("after a run that stored many rows", () => {
  eachDatabase((open, kind) => {
    it("Postgres knows how many rows and links there are", async () => {
      const database = await open();
      await database.query("insert into planhat.endusers (source_id) select n from generate_series(1, 3000) as n");
      await database.query(
        `insert into connector.links (stream, record_id, model, row_id)
         select 'persons', n, 'enduser', n from generate_series(1, 3000) as n`,
      );
      await analyzeRows(database);
      const known = await database.query<{ rows: number }>(
        "select reltuples as rows from pg_class where oid = any('{planhat.endusers,connector.links}'::regclass[])",
      );
      expect(known.map(({ rows }) => Number(rows))).to.deep.equal([3000, 3000]);
    });

    if (kind === "embedded") {
      it("the room of what it applied is free again, which no autovacuum sees to here", async () => {
        const database = await open();
        const size = async () => {
          const [row] = await database.query<{ size: string }>("select pg_relation_size('connector.pending') as size");
          return Number(row!.size);
        };
        await database.query(
          `insert into connector.pending (stream, record_id, organization_id)
           select 'deals', n, n from generate_series(1, 12000) as n`,
        );
        await database.query("delete from connector.pending");
        expect(await size()).to.be.above(0);
        await analyzeRows(database);
        expect(await size()).to.equal(0);
      });
    }
  });
});
