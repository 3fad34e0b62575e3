import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { refuseOtherBasis, refuseOtherOptions } from "../../../connector/commands/plan/plan-basis.ts";
import { openPlanFile } from "../../../connector/commands/plan/read-plan-file.ts";
import { writePlanFile } from "../../../connector/commands/plan/write-plan-file.ts";
import { comparePlan } from "../../../connector/sync/plan/compare-plan.ts";
import { type PlanElement, type PlanHeader, planFormat } from "../../../connector/sync/plan/kept-plan.ts";
import { emptySummary } from "../../../connector/sync/summary.ts";
import { caughtFailure } from "../../caught-failure.ts";

const header: PlanHeader = {
  format: planFormat,
  version: 1,
  id: "7f1d2c3b-0000-4000-8000-000000000001",
  made_at: "2026-01-31T10:00:00Z",
  made_by: "ana",
  connector: "0.1.0",
  account: { company_id: 1, name: "Acme" },
  database: { location: "/srv/data", identity: "/srv/data" },
  mapping: "abc",
  config: { start_date: null, follow_changes: false, planhat: null },
  options: { full: false, companies: [] },
  yes: false,
  summary: emptySummary("run", "incremental"),
};
const update = (id: string, from: string, to: string): PlanElement => ({
  section: "changes",
  value: { model: "company", source_id: id, action: "update", fields: { name: { from, to } } },
});
const twin: PlanElement = { section: "twins", value: { source_id: "1", name: "Acme", planhat_id: "a1" } };

async function* each<Value>(values: readonly Value[]): AsyncGenerator<Value, void> {
  yield* values;
}

describe("a plan's file", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "pipedrive-planhat-plan-"));
    file = join(folder, "plan.json");
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (elements: readonly PlanElement[], head: object = {}) =>
    writePlanFile(file, { ...header, ...head }, each(elements));
  const read = async () => {
    const plan = await openPlanFile(file);
    const elements: PlanElement[] = [];
    for await (const element of plan.elements()) elements.push(element);
    return { header: plan.header, elements };
  };
  const refusal = async () => (await caughtFailure(openPlanFile(file))).message.replaceAll(file, "F");

  it("is one JSON document and reads as it was written, with lists or without", async () => {
    const odd = update("2", 'a "quoted" ],\n"conflicts":[', "\u2028 é");
    for (const elements of [[], [odd], [twin], [update("1", "a", "b"), odd, twin]]) {
      await write(elements);
      expect(await read()).to.deep.equal({ header, elements });
      const document = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown[]>;
      expect(Object.keys(document).slice(-5)).to.deep.equal(["changes", "conflicts", "rejections", "objects", "twins"]);
      expect(document["twins"]).to.have.length(elements.includes(twin) ? 1 : 0);
    }
  });

  it("that is not one is told in a sentence that says what is wrong", async () => {
    const text = (content: string) => writeFileSync(file, content);
    const cases: [() => unknown, string][] = [
      [() => rmSync(file), "The plan F does not exist."],
      [() => mkdirSync(file), "The plan F is a folder."],
      [
        () => {
          rmSync(file, { recursive: true });
          spawnSync("mkfifo", [file]);
        },
        "The plan F is not a regular file, but a device, a pipe or a socket.",
      ],
      [
        () => {
          rmSync(file);
          text("");
        },
        "F is empty: it holds no plan.",
      ],
      [() => text("hello"), "F is not a plan of pipedrive-planhat."],
      [() => text('{"format":"else"}'), "F is not a plan of pipedrive-planhat."],
      [() => text(`[${"1,".repeat(20)}1]`), "F is not a plan of pipedrive-planhat."],
      [
        () => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x0a])),
        "The plan F is not as it was written: line 1, it is not UTF-8.",
      ],
      [
        () => write([], { version: 2 }),
        "The plan F is of form 2, by pipedrive-planhat 0.1.0; this version reads form 1.",
      ],
      [() => text(JSON.stringify(header, null, 2)), "F is not a plan of pipedrive-planhat."],
      [
        () => text(JSON.stringify(header)),
        "The plan F is not as it was written: line 1, the line does not end as it was written.",
      ],
      [
        () => text("x".repeat(20_000_001)),
        "The plan F is not as it was written: line 1, it is longer than 20,000,000 bytes.",
      ],
      [
        () => {
          text("");
          truncateSync(file, 4_000_000_001);
        },
        "The plan F has more than 4 GB.",
      ],
    ];
    for (const [make, told] of cases) {
      await make();
      expect(await refusal()).to.equal(told);
    }
    // A plan that is cut anywhere is incomplete, whatever its last line looks like.
    await write([update("1", "a", "b"), twin]);
    const whole = readFileSync(file, "utf8");
    for (let length = whole.length - 3; length > whole.indexOf("\n"); length -= 7) {
      text(whole.slice(0, length));
      expect(await refusal(), whole.slice(0, length)).to.match(
        /^The plan F is (cut off: its end is missing|not as it was written: line \d+, the line is no JSON object)\.$/,
      );
    }
    text(`${whole}{}\n`);
    expect(await refusal()).to.match(/something follows its end\.$/);
    if (process.getuid?.() !== 0) {
      chmodSync(file, 0);
      expect(await refusal()).to.equal("The plan F cannot be read (EACCES).");
    }
  });

  it("made for something else is refused by name", async () => {
    const refused = (now: Partial<PlanHeader>) => {
      try {
        refuseOtherBasis("F", header, { ...header, ...now });
        return "nothing";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused({})).to.equal("nothing");
    expect(refused({ account: { company_id: 2, name: "Beta" } })).to.equal(
      "The plan F is of another Pipedrive account (Acme, company 1); the config names Beta, company 2.",
    );
    expect(refused({ database: { location: "/srv/other", identity: "/srv/other" } })).to.equal(
      "The plan F was made for another database (/srv/data); the config names /srv/other.",
    );
    expect(refused({ mapping: "abd" })).to.include("made with another mapping");
    expect(refused({ config: { ...header.config, start_date: "2026-01-01T00:00:00Z" } })).to.equal(
      "The plan F was made with another `start_date` in the config: none, and now 2026-01-01T00:00:00Z.",
    );
    const options = (planned: PlanHeader["options"], given: { full?: true; company?: number[] }) => {
      try {
        refuseOtherOptions("F", { ...header, options: planned }, given);
        return "nothing";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(options({ full: true, companies: [] }, { full: true })).to.equal("nothing");
    expect(options({ full: false, companies: [1, 2] }, { company: [2, 1] })).to.equal("nothing");
    expect(options({ full: false, companies: [] }, { full: true })).to.equal(
      "--full contradicts the plan F, which was made without it.",
    );
    expect(options({ full: false, companies: [1] }, { company: [2] })).to.equal(
      "--company contradicts the plan F, which was made for 1.",
    );
  });

  it("is compared in whatever order, field by field, and 50 differences are told", async () => {
    const compare = (planned: PlanElement[], now: PlanElement[]) => comparePlan(() => each(planned), each(now));
    const [one, two] = [update("1", "a", "b"), update("2", "a", "b")];
    expect(await compare([one, two, twin], [twin, two, one])).to.deep.equal({ count: 0, first: [] });
    expect(await compare([one, two], [update("2", "a", "c"), twin])).to.deep.equal({
      count: 3,
      first: [
        { what: "company 1", field: null, planned: one.value, now: null },
        { what: "company 2", field: "name", planned: { from: "a", to: "b" }, now: { from: "a", to: "c" } },
        { what: "the twin of company 1 in Planhat", field: null, planned: null, now: twin.value },
      ],
    });
    const many = Array.from({ length: 80 }, (_, index) => update(String(index), "a", "b"));
    const { count, first } = await compare(many, []);
    expect([count, first.length]).to.deep.equal([80, 50]);
  });
});
