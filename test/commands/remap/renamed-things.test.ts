import { expect } from "chai";
import { onServerFirst } from "../../databases.ts";
import { type TypedDeals, typedDeals, typedMapping } from "../../typed-deals.ts";

describe("names of pipelines and words of the mapping", () => {
  onServerFirst((kind) => {
    let setting: TypedDeals;
    beforeEach(async () => {
      setting = await typedDeals(kind);
    });
    afterEach(() => setting.close());

    const definitions = () => setting.sandbox.store.definitions;
    const sync = async (...options: string[]) => {
      const ran = await setting.ask("sync", ...options);
      expect(ran.status, ran.stderr).to.equal(0);
      return ran;
    };

    it("a pipeline that is renamed stays selected, and the deals of a deleted one stay", async () => {
      const { store } = setting.sandbox;
      const when = "{field: title, is: none}";
      setting.map({ "deals.yaml": typedMapping(when, "pipelines: [Sales]\n") });
      await sync("--yes");
      const before = await setting.rows();
      definitions().rename("pipelines", 1, "Direct");
      expect((await sync("--full")).stderr).to.match(/deals\.yaml:4:13: warning: `Sales` is called `Direct`/);
      const { stdout } = await setting.run(["pipelines", "--json"]);
      expect(JSON.parse(stdout)[0]).to.deep.equal({ id: 1, name: "Direct", selected: true });
      definitions().remove("pipelines", 1);
      store.update("deals", setting.ids.Services, { value: 200 });
      expect((await sync("--full")).stderr).to.contain("`Sales`, pipeline 1, was deleted in Pipedrive");
      expect(await setting.rows()).to.deep.equal(before);
    });

    it("a word that nothing ever bore ends the sync before it starts, with its place and the nearest word", async () => {
      const lookup = "{pipedrive: Deal type, transform: [{lookup: {Onoff: Once}, otherwise: keep}]}";
      setting.map({
        "deals.yaml": typedMapping("{field: Deal type, in: [One-of, Services]}", "pipelines: [Sale]\n", lookup),
      });
      const { status, stderr } = await setting.run(["sync"]);
      expect(status).to.equal(2);
      expect(stderr).to.contain("deals.yaml:7:35: error: `Deal type` has no option `One-of`.");
      expect(stderr).to.contain("Did you mean `One-off`?");
      expect(stderr).to.contain("deals.yaml:4:13: error: The account has no pipeline `Sale`.");
      expect(stderr).to.match(/deals\.yaml:\d+:\d+: error: `Deal type` has no option `Onoff`\./);
      expect(await setting.rows()).to.deep.equal({ tables: {}, planhat: {} });
    });
  });
});
