import { readFileSync, statSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { packageRoot } from "../../connector/package-root.ts";
import { onServerFirst } from "../databases.ts";
import { withConsole } from "./console-setting.ts";

const shipped = (name: string) => readFileSync(`${packageRoot}mappings/${name}`, "utf8");

onServerFirst((kind) => {
  describe("the console's API for editing", function () {
    this.timeout(180_000);

    it("shows a change and its effect, saves it whole or not at all, and maps the rows again", async () => {
      const files = Object.fromEntries(
        ["organizations.yaml", "persons.yaml", "notes.yaml", "deals.yaml"].map((name) => [name, shipped(name)]),
      );
      await withConsole(
        kind,
        async ({ signIn, look, place }) => {
          const { client: edda } = await signIn("edda");
          const { client: omar } = await signIn("omar");
          const { mappings, config } = await (await edda.settings.$get()).json();
          const { file, hash, text } = mappings.files.find(({ stream }) => stream === "organizations")!;
          const path = `${place.folder}/mappings/organizations.yaml`;
          const bad = await (
            await edda.mapping.check.$post({
              json: { files: [{ file, text: text.replace("planhat: name", "planhat: nmae") }] },
            })
          ).json();
          expect(bad.problems.find(({ severity }) => severity === "error")?.hint).to.contain("name");

          const edits = [{ file, path: ["fields", "-"], value: { planhat: "description", value: "By hand" } }];
          const proposed = await (await edda.edit.propose.$post({ json: { edits } })).json();
          const [companies] = await look<{ n: number }>("select count(*)::int as n from planhat.companies");
          expect(proposed.effect?.models["company"]).to.include({ updated: companies!.n, created: 0 });
          expect(readFileSync(path, "utf8"), "a proposal writes nothing").to.equal(text);
          const [change] = proposed.files;
          expect(change).to.include({ file, before: text, hash, writable: true });
          const save = { json: { edits, hashes: { [file]: hash } } };
          expect((await omar.edit.save.$post(save)).status, "an operator saves").to.equal(403);

          const meanwhile = `${text}# changed by hand\n`;
          writeFileSync(path, meanwhile);
          const late = await edda.edit.save.$post(save);
          expect(late.status).to.equal(400);
          expect(await late.text()).to.contain("changed since the page read it");
          expect(readFileSync(path, "utf8")).to.equal(meanwhile);
          writeFileSync(path, text);

          const saved = await (await edda.edit.save.$post(save)).json();
          expect(saved).to.include({ status: "succeeded", restart: false });
          expect(readFileSync(path, "utf8")).to.equal(change!.after);
          expect(readFileSync(`${path}.old`, "utf8")).to.equal(text);
          const [rows] = await look<{ n: number }>(
            "select count(*)::int as n from planhat.companies where description = 'By hand'",
          );
          expect(rows!.n).to.equal(companies!.n);
          const [run] = await look<{ by: object }>("select started_by as by from connector.runs where id = $1", [
            saved.run,
          ]);
          expect(run!.by).to.deep.equal({ by: "console", user: "edda" });

          const set = (key: string[], value: string | number) =>
            edda.edit.save.$post({
              json: { edits: [{ file: config.file, path: key, value }], hashes: { [config.file]: config.hash } },
            });
          for (const key of [
            ["company_url"],
            ["api_token"],
            ["console", "users"],
            ["database"],
            ["planhat", "api_url"],
          ])
            expect((await set(key, "x")).status, `the console sets ${key.join(".")}`).to.equal(400);
          const mode = statSync(config.file).mode;
          const before = readFileSync(config.file, "utf8");
          expect(await (await set(["daily_token_budget"], 20_000)).json()).to.include({ run: null, restart: true });
          expect(readFileSync(config.file, "utf8")).to.equal(`${before}daily_token_budget: 20000\n`);
          expect(statSync(config.file).mode).to.equal(mode);
          const outside = { edits: [{ file: "../../etc/passwd", path: ["a"], value: 1 }], hashes: {} };
          expect((await edda.edit.save.$post({ json: outside })).status, "a file elsewhere").to.equal(400);
        },
        ({ map }) => map(files),
      );
    });
  });
});
