import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { parse } from "yaml";
import { describePreview } from "../../connector/commands/mapping/describe-preview.ts";
import { parseCases } from "../../connector/mapping/check/case-file.ts";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import { recordByLabel } from "../../connector/mapping/check/record-by-label.ts";
import { reportTo } from "../../connector/mapping/language/report.ts";
import { transformReference } from "../../connector/mapping/transforms/transform-reference.ts";
import type { JsonObject } from "../../connector/mapping/value.ts";
import { packageRoot } from "../../connector/package-root.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { type Problem, renderProblems } from "../../connector/problem.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { previewRecord } from "../../connector/sync/inspect/preview-record.ts";
import { caseDifferences, runCase } from "../../connector/sync/inspect/run-case.ts";
import { account } from "./account.ts";

const guide = readFileSync(join(packageRoot, "docs/mapping.md"), "utf8");

const ofProducts = [...guide.matchAll(/```yaml\n(.*?)```/gs)]
  .map(([, text]) => text!)
  .find((text) => text.startsWith("stream: deal_products"))!;

function checked(stream: StreamName, text: string) {
  const files = [{ name: `${stream}.yaml`, text }];
  // A condition on products needs the file that reads them.
  if (text.includes("{products:")) files.push({ name: "deal_products.yaml", text: ofProducts });
  return checkMapping(files, { models: modelCatalog, catalog: account });
}

describe("docs/mapping.md", () => {
  it("shows every transform with the examples that run (node --import tsx schemas/generate-mapping-docs.ts writes it)", () => {
    expect(guide).to.include(transformReference());
  });

  const blocks = (language: string) =>
    [...guide.matchAll(new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``, "g"))].map(([, text]) => text!);
  const examples = blocks("yaml").map((text) => ({
    text,
    document: parse(text) as { stream: StreamName; cases?: unknown },
  }));
  const mappings = new Map<StreamName, string>();
  for (const { text, document } of examples) {
    if (document.cases !== undefined) continue;
    // The first one of a stream is that of the cases.
    if (!mappings.has(document.stream)) mappings.set(document.stream, text);
    const what = text.includes("{products:") ? `${document.stream} by their products` : document.stream;
    it(`shows a mapping of ${what} that works`, () => {
      const { problems, mapping } = checked(document.stream, text);
      expect(problems).to.deep.equal([]);
      expect(mapping).to.not.equal(undefined);
    });
  }

  for (const { text, document } of examples) {
    if (document.cases === undefined) continue;
    const problems: Problem[] = [];
    for (const one of parseCases(text, reportTo(problems, "tests.yaml")) ?? []) {
      it(`shows a case that passes with the mapping that it shows: ${one.name}`, () => {
        const { mapping } = checked(one.stream, mappings.get(one.stream)!);
        const labelled = recordByLabel(one.stream, { id: 1, ...one.record }, account);
        if (!("record" in labelled)) throw new Error(labelled.fault);
        expect(caseDifferences(one, runCase(mapping!, one, labelled.record))).to.deep.equal([]);
      });
    }
    it(`shows cases of ${document.stream} without a mistake`, () => expect(problems).to.deep.equal([]));
  }

  const [mistakes, preview] = blocks("text");
  it("shows the mistakes as they are told", () => {
    const text = mappings
      .get("organizations")!
      .replace("pipedrive: address.locality", "pipedrive: addres.locality")
      .replace("direction: receive", "direction: recieve");
    const { problems } = checked("organizations", text);
    expect(mistakes).to.equal(`${renderProblems(problems, new Map([["organizations.yaml", text]]))}\n`);
  });

  it("shows the preview of a record as it is shown", () => {
    const record = JSON.parse(blocks("json")[0]!) as JsonObject;
    const { mapping } = checked("organizations", mappings.get("organizations")!);
    const shown = previewRecord(mapping!, {
      stream: "organizations",
      id: record["id"] as number,
      record,
      updateTime: null,
      deleted: false,
      from: "file",
      context: {},
      rows: new Map(),
      base: undefined,
      waiting: undefined,
      holds: [],
      recordMark: undefined,
    });
    expect(preview).to.equal(`${describePreview(shown).join("\n")}\n`);
  });

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
