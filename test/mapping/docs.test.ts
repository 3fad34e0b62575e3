import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { checkMapping } from "../../connector/mapping/check-mapping.ts";
import { transformReference } from "../../connector/mapping/transforms/transform-reference.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { account } from "./account.ts";

const guide = readFileSync(join(packageRoot, "docs/mapping.md"), "utf8");

describe("docs/mapping.md", () => {
  it("shows every transform with the examples that run (node --import tsx schemas/generate-mapping-docs.ts writes it)", () => {
    expect(guide).to.include(transformReference());
  });

  const examples = [...guide.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text!);
  for (const text of examples) {
    const { stream } = parse(text) as { stream: string };
    it(`shows a mapping of ${stream} that works`, () => {
      const { problems, mapping } = checkMapping([{ name: `${stream}.yaml`, text }], {
        models: modelCatalog,
        catalog: account,
      });
      expect(problems).to.deep.equal([]);
      expect(mapping).to.not.equal(undefined);
    });
  }

  const conditions = [...guide.matchAll(/`(\{(?:field|pipeline)[^`]*\})`/g)].map(([, text]) =>
    text!.replace("field: X", "field: title"),
  );
  for (const condition of conditions) {
    it(`shows a condition that works: ${condition}`, () => {
      const text = `stream: deals\nstart_date: won_time\nmodel: license\nfields:\n  - {planhat: _currency, value: EUR}\n  - {planhat: fromDate, pipedrive: $start_date, when: ${condition}}\n`;
      expect(
        checkMapping([{ name: "deals.yaml", text }], { models: modelCatalog, catalog: account }).problems,
      ).to.deep.equal([]);
    });
  }
});
