import { expect } from "chai";
import fc from "fast-check";
import type { Outcome } from "../../../connector/mapping/outcome.ts";
import { exampleKey } from "../../../connector/mapping/transforms/hash.ts";
import { htmlToText } from "../../../connector/mapping/transforms/html-to-text.ts";
import type { Transform, TransformStep } from "../../../connector/mapping/transforms/transform.ts";
import { transforms } from "../../../connector/mapping/transforms/transforms.ts";
import {
  EMPTY,
  type Json,
  type JsonObject,
  NULL,
  present,
  toValue,
  type Value,
} from "../../../connector/mapping/value.ts";

const options = [
  { id: 17, label: "Small" },
  { id: 18, label: "Support, premium" },
];

function run(step: TransformStep, value: Value): Outcome {
  if (value.state === "present") return step.apply(value);
  return step.fill?.(value) ?? value;
}

/** Returns settings that each transform accepts, to try it on any input. */
function settingsOf(transform: Transform): JsonObject {
  return transform.examples.find((example) => example.with !== undefined)?.with ?? {};
}

describe("the transforms", () => {
  it("are those that the contract lists, and domain, html and ids", () => {
    const listed =
      "trim uppercase lowercase capitalize text number integer boolean date datetime first last join split replace slice lookup default multiply divide round template html_to_text text_to_html domain label id prefix mask hash";
    expect([...transforms.keys()].sort()).to.deep.equal(listed.split(" ").sort());
  });

  for (const transform of transforms.values()) {
    describe(transform.name, () => {
      for (const example of transform.examples) {
        const title = `${JSON.stringify(example.with ?? transform.name)}: ${shownInput(example.input)} becomes ${shownInput(example.output as Json)}`;
        it(title, () => {
          const step = transform.compile(example.with ?? {}, { options: example.options, hashKey: exampleKey });
          const { output } = example;
          const expected: Outcome =
            typeof output === "object" && output !== null && "refused" in output
              ? { state: "rejected", reason: output["refused"] as string }
              : toValue(output as Json | undefined);
          expect(run(step, toValue(example.input))).to.deep.equal(expected);
        });
      }

      it("shows what it does with null and with empty", () => {
        const inputs = transform.examples.map(({ input }) => input);
        expect(inputs).to.include(null);
        expect(inputs).to.include(undefined);
      });

      it("never throws, whatever comes", () => {
        const step = transform.compile(settingsOf(transform), { options, hashKey: exampleKey });
        fc.assert(
          fc.property(fc.jsonValue(), (json) => {
            const outcome = run(step, toValue(json as Json));
            expect(outcome.state).to.be.oneOf(["present", "null", "empty", "rejected"]);
            if (outcome.state === "rejected") expect(outcome.reason).to.match(/\S/);
          }),
        );
      });

      if (transform.name !== "default") {
        it("lets null and empty pass", () => {
          const step = transform.compile(settingsOf(transform), { options, hashKey: exampleKey });
          expect(run(step, NULL)).to.equal(NULL);
          expect(run(step, EMPTY)).to.equal(EMPTY);
        });
      }

      it("says why it has no inverse, where it has none", () => {
        const step = transform.compile(settingsOf(transform), { options, hashKey: exampleKey });
        if (step.inverse === undefined) expect(transform.withoutInverse).to.match(/\w/);
      });
    });
  }
});

describe("an inverse undoes its transform", () => {
  const amount = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).map((cents) => cents / 100);
  const cases: [string, JsonObject, fc.Arbitrary<Exclude<Json, null>>][] = [
    ["prefix", { prefix: "PD-" }, fc.string({ minLength: 1 })],
    ["template", { template: "<{value}> in Pipedrive" }, fc.string({ minLength: 1 })],
    ["lookup", { lookup: { Gold: "A", Silver: "B", 1: 2 } }, fc.constantFrom("Gold", "Silver", "1")],
    ["lookup", { lookup: { Gold: "A", Silver: "B" } }, fc.array(fc.constantFrom("Gold", "Silver"), { minLength: 1 })],
    ["multiply", { multiply: 12 }, amount],
    ["multiply", { multiply: 0.07 }, amount],
    ["divide", { divide: 12 }, amount],
    ["divide", { divide: 7 }, amount],
    ["id", {}, fc.constantFrom("Small", "Support, premium")],
    ["id", {}, fc.array(fc.constantFrom("Small", "Support, premium"), { minLength: 1 })],
  ];
  for (const [name, settings, values] of cases) {
    it(`${name} ${JSON.stringify(settings)}`, () => {
      const step = transforms.get(name)!.compile(settings, { options });
      fc.assert(
        fc.property(values, (value) => {
          const there = step.apply(present(value));
          expect(there.state).to.equal("present");
          if (there.state === "present") expect(step.inverse!(there)).to.deep.equal(present(value));
        }),
      );
    });
  }

  it("a lookup in which two values become the same has none", () => {
    expect(transforms.get("lookup")!.compile({ lookup: { a: "x", b: "x" } }, { options }).inverse).to.equal(undefined);
  });
});

describe("large and hostile texts", () => {
  it("a note of a megabyte of opening brackets is read at once", () => {
    const step = htmlToText.compile({}, { options: undefined });
    const text = `${"<".repeat(1_000_000)}>`;
    expect(step.apply(present(text)).state).to.equal("present");
    expect(step.apply(present("<!-- >".repeat(200_000))).state).to.equal("empty");
    expect(step.apply(present("<script".repeat(100_000))).state).to.equal("present");
  }).timeout(30_000);
});

function shownInput(value: Json | undefined): string {
  return value === undefined ? "empty" : JSON.stringify(value);
}
