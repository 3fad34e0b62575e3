import { expect } from "chai";
import fc from "fast-check";
import { Checkpoints } from "../../connector/protocol/checkpoints.ts";
import { expectGoodCourse, type Message } from "./airbyte-messages.ts";

describe("STATE messages of a stream", () => {
  it("whatever the pages: no equal ones in a row, counts that add up, the last after the last record", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ step: fc.constantFrom(0, 0, 1), records: fc.constantFrom(0, 1, 3) }), { maxLength: 8 }),
        fc.boolean(),
        async (pages, ends) => {
          const messages: object[] = [];
          const status = (name: string) => ({
            type: "TRACE",
            trace: { type: "STREAM_STATUS", stream_status: { stream_descriptor: { name: "deals" }, status: name } },
          });
          messages.push(status("STARTED"), status("RUNNING"));
          const checkpoints = new Checkpoints("deals", async (line) => void messages.push(JSON.parse(line) as object));
          let at = 0;
          for (const { step, records } of pages) {
            at += step;
            await checkpoints.page({ at }, records, async () => {
              for (let index = 0; index < records; index += 1)
                messages.push({ type: "RECORD", record: { stream: "deals", data: { id: 1 } } });
            });
          }
          if (ends || pages.length === 0) await checkpoints.finish({ at });
          else await checkpoints.flush();
          messages.push(status("COMPLETE"));
          expectGoodCourse(messages as Message[]);
        },
      ),
    ));

  it("write the number of records with a decimal point, as the protocol wants it", async () => {
    const lines: string[] = [];
    const checkpoints = new Checkpoints("deals", async (line) => void lines.push(line));
    await checkpoints.page({ page: 1 }, 500, async () => {});
    await checkpoints.finish({ page: 1 });
    expect(lines[0]).to.contain('"sourceStats":{"recordCount":500.0}');
  });

  it("the last one may say more than the page before it, and covers its records", async () => {
    const messages: object[] = [];
    const checkpoints = new Checkpoints("deals", async (line) => void messages.push(JSON.parse(line) as object));
    await checkpoints.page({ page: 1 }, 2, async () => {});
    await checkpoints.finish({ page: 1, complete: true });
    expect(messages).to.deep.equal([
      {
        type: "STATE",
        state: {
          type: "STREAM",
          stream: { stream_descriptor: { name: "deals" }, stream_state: { page: 1, complete: true } },
          sourceStats: { recordCount: 2 },
        },
      },
    ]);
  });
});
