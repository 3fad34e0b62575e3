import { expect } from "chai";
import { onServerFirst } from "../databases.ts";
import { withConsole } from "./console-setting.ts";

onServerFirst((kind) => {
  describe("the console's API for reading", function () {
    this.timeout(120_000);

    it("gives what the commands print with --json, page by page", async () => {
      await withConsole(kind, async ({ signIn, run, look }) => {
        const { client } = await signIn("vera");
        // Only the service has the embedded database open, so there no command prints anything to compare with.
        const prints = async (...words: string[]) =>
          kind === "server" ? JSON.parse((await run([...words, "--json"])).stdout) : undefined;
        const overview = await (await client.overview.$get()).json();
        const deals = overview.streams.find(({ stream }) => stream === "deals")!;
        const [landed] = await look<{ n: number }>("select count(*)::int as n from pipedrive.deals where not deleted");
        expect(deals.landed).to.equal(landed!.n);
        const [companies] = await look<{ n: number }>("select count(*)::int as n from planhat.companies");
        const organizations = overview.streams.find(({ stream }) => stream === "organizations")!;
        expect(organizations.models).to.deep.equal([{ model: "company", rows: companies!.n }]);
        expect(overview.state.account?.name).to.be.a("string").and.not.equal("");

        const runs = await (await client.runs.$get({ query: { limit: 1 } })).json();
        const printed = await prints("runs");
        const { summary, ...listed } = runs.runs[0]!;
        expect(listed).to.deep.equal(printed?.[0] ?? listed);
        expect(summary?.["run"]).to.equal(listed.run);
        const seen: string[] = [];
        for (let after: string | null = null, pages = 0; pages < 100; pages++) {
          const query: { limit: number; after?: string } = { limit: 7, ...(after === null ? {} : { after }) };
          const page = await (await client.runs[":run"].changes.$get({ param: { run: "last" }, query })).json();
          seen.push(...page.changes.map(({ id }) => id));
          after = page.next;
          if (after === null) break;
        }
        const whole: { changes: { id: string }[] } | undefined = await prints("runs", "last");
        expect(seen).to.deep.equal(whole?.changes.map(({ id }) => id) ?? [...new Set(seen)]);

        const names: (string | null)[] = [];
        for (let after: string | null = null; ; ) {
          const query: { limit: number; after?: string } = { limit: 3, ...(after === null ? {} : { after }) };
          const page = await (await client.companies.$get({ query })).json();
          expect(page.count).to.equal(companies!.n);
          names.push(...page.companies.map(({ name }) => name));
          after = page.next;
          if (after === null) break;
        }
        expect(names).to.have.length(companies!.n);
        const [sorted] = await look<{ names: string[] }>(
          "select array_agg(name order by lower(name), id) as names from planhat.companies",
        );
        expect(names).to.deep.equal(sorted!.names);

        const [license] = await look<{ source_id: string; company_id: string }>(
          "select source_id, company_id from planhat.licenses order by id limit 1",
        );
        const explained = await (
          await client.explain[":stream"][":id"].$get({ param: { stream: "deals", id: license!.source_id } })
        ).json();
        const explainPrinted = await prints("explain", "deals", license!.source_id);
        expect(explained).to.deep.equal(explainPrinted ?? explained);
        const company = await (await client.companies[":id"].$get({ param: { id: license!.company_id } })).json();
        const deal = company.deals.find(({ id }) => String(id) === license!.source_id);
        expect(deal).to.deep.include({ reason: null, model: "license" });
        expect(company.rows.license?.map((row) => row.source_id)).to.include(license!.source_id);

        const word = company.name!.slice(0, 5);
        const { found } = await (await client.search.$get({ query: { text: word } })).json();
        expect(found.map(({ id }) => id)).to.include(company.id);
        const pasted = `https://acme.pipedrive.com/deal/${license!.source_id}`;
        const one = await (await client.search.$get({ query: { text: pasted } })).json();
        expect(one.found).to.have.length(1);
        expect(one.found[0]).to.include({ kind: "record", stream: "deals", id: license!.source_id });
      });
    });

    it("never sends a secret of the config, and tells which variable holds it", async () => {
      await withConsole(
        kind,
        async ({ signIn, sandbox }) => {
          const { client } = await signIn("vera");
          const text = await (await client.settings.$get()).text();
          expect(text).not.to.contain(sandbox.token).and.not.to.contain("a-secret-to-hide");
          const { config, mappings } = JSON.parse(text);
          expect(config.sign_in).to.deep.equal({ by: "api_token", variable: null });
          expect(mappings.files.map(({ stream }: { stream: string }) => stream)).to.include("deals");
        },
        ({ configure }) => configure("sync_token: a-secret-to-hide\n"),
      );
    });
  });
});
