import { expect } from "chai";
import fc from "fast-check";
import { type Line, readLines } from "../../connector/protocol/read-lines.ts";

async function linesIn(chunks: readonly Buffer[], most?: number) {
  const lines: Line[] = [];
  async function* input() {
    yield* chunks;
  }
  for await (const some of readLines(input(), most)) lines.push(...some);
  return lines.map((line) => ("bytes" in line ? { number: line.number, text: line.bytes.toString() } : line));
}

/** Cuts the bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((one, other) => one - other);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

describe("the lines of stdin", () => {
  it("are the same however the bytes come, also in the middle of a character", async () => {
    const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll("\n", ""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 12 }),
        fc.array(fc.nat(200)),
        fc.boolean(),
        async (texts, places, ended) => {
          const bytes = Buffer.from(texts.join("\n") + (ended ? "\n" : ""));
          const expected = bytes.length === 0 ? [] : bytes.toString("utf8").replace(/\n$/, "").split("\n");
          const lines = await linesIn(cut(bytes, places));
          expect(lines).to.deep.equal(expected.map((text, index) => ({ number: index + 1, text })));
        },
      ),
    );
  });

  it("too long ones, and those that are no UTF-8, are told by their number, however the bytes come", async () => {
    const bytes = Buffer.concat([
      Buffer.from("short\n"),
      Buffer.from(`${"x".repeat(40)}\n`),
      Buffer.from([0xc3, 0x28, 0x0a]),
      Buffer.from("after\n"),
      Buffer.from("y".repeat(11)),
    ]);
    const expected = [
      { number: 1, text: "short" },
      { number: 2, fault: "it is longer than 10 bytes" },
      { number: 3, fault: "it is not UTF-8" },
      { number: 4, text: "after" },
      { number: 5, fault: "it is longer than 10 bytes" },
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200)), async (places) => {
        expect(await linesIn(cut(bytes, places), 10)).to.deep.equal(expected);
      }),
    );
  });
});
