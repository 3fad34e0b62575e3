import { Session } from "node:inspector/promises";
import { expect } from "chai";
import { checkConfig } from "../../connector/config/check-config.ts";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { renderProblems } from "../../connector/problem.ts";

/** Runs `work` and returns how often all blocks of its code were entered: a count that no busy machine changes. */
async function stepsOf(work: () => unknown): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  try {
    await work();
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const ranges = result.flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  } finally {
    await session.post("Profiler.stopPreciseCoverage");
    session.disconnect();
  }
}

const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i));

const texts: Record<string, (count: number) => string> = {
  "of many keys": (count) => lines(count, (index) => `key${index}: 1`).join("\n"),
  "of many keys in JSON": (count) => `{${lines(count, (index) => `"key${index}": 1`).join(",")}}`,
  "of one key again and again": (count) => lines(count, () => "stream: deals").join("\n"),
  "of many aliases": (count) => `stream: &a deals\nfields:\n${lines(count, () => "- *a").join("\n")}`,
  "of many faults of syntax": (count) => "}\n".repeat(count),
  "of one long key": (count) => `${"k".repeat(count * 10)}: 1`,
};

describe("reading a file takes steps in proportion to its size", function () {
  this.timeout(300_000);
  const check: Record<string, (text: string) => unknown> = {
    async config(text) {
      const { problems } = await checkConfig("config.yaml", text, {});
      renderProblems(problems, new Map([["config.yaml", text]]));
    },
    mapping(text) {
      const { problems } = checkMapping([{ name: "deals.yaml", text }], { models: modelCatalog });
      renderProblems(problems, new Map([["deals.yaml", text]]));
    },
  };
  for (const [what, read] of Object.entries(check)) {
    for (const [name, text] of Object.entries(texts)) {
      it(`a ${what} ${name}`, async () => {
        // Code that is compiled during the count would count too.
        await read(text(100));
        const few = await stepsOf(() => read(text(1_500)));
        const many = await stepsOf(() => read(text(6_000)));
        // Below one step per character the figure means nothing.
        expect(many / Math.max(few, text(1_500).length), `${few} steps, then ${many}`).to.be.below(5.5);
      });
    }
  }
});
