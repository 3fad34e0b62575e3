import { expect } from "chai";
import { protocolErrors } from "./protocol-schema.ts";

describe("the Airbyte protocol's own schema", () => {
  it("tells messages from what is none", () => {
    const record = { type: "RECORD", record: { stream: "deals", data: { id: 1 }, emitted_at: 1795000000000 } };
    expect(protocolErrors("AirbyteMessage", record)).to.equal(undefined);
    for (const wrong of [
      { type: "RECORDS" },
      { ...record, record: { ...record.record, emitted_at: "now" } },
      { type: "RECORD", record: { stream: "deals", data: [1], emitted_at: 1 } },
      { type: "LOG", log: { level: "WARNING", message: "x" } },
      { type: "TRACE", trace: { type: "ERROR", emitted_at: 1, error: {} } },
      { type: "CATALOG", catalog: { streams: [{ name: "deals", json_schema: {}, supported_sync_modes: ["full"] }] } },
      { type: "STATE", state: { type: "STREAM", stream: { stream_state: {} } } },
    ])
      expect(protocolErrors("AirbyteMessage", wrong), JSON.stringify(wrong)).to.be.a("string");
  });
});
