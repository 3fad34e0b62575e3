import { expect } from "chai";
import { checkMapping } from "../../connector/mapping/check/check-mapping.ts";
import type {
  CompiledMapping,
  CompiledStream,
  MappedRecord,
  RecordContext,
} from "../../connector/mapping/compiled-mapping.ts";
import type { Json, JsonObject, Value } from "../../connector/mapping/value.ts";
import { modelCatalog } from "../../connector/planhat/models.ts";
import { renderProblems } from "../../connector/problem.ts";
import type { StreamName } from "../../connector/stream-name.ts";
import { account } from "./account.ts";

/** Compiles the files against the invented account; throws with the problems if there are errors. */
export function compiled(files: Partial<Record<StreamName, string>>, withAccount = true): CompiledMapping {
  const list = Object.entries(files).map(([stream, text]) => ({ name: `${stream}.yaml`, text }));
  const { problems, mapping } = checkMapping(list, {
    models: modelCatalog,
    ...(withAccount ? { catalog: account } : {}),
  });
  if (mapping === undefined) {
    throw new Error(renderProblems(problems, new Map(list.map(({ name, text }) => [name, text]))));
  }
  return mapping;
}

const required: Record<StreamName, string> = {
  organizations: "",
  persons: "",
  notes: "",
  deals: "start_date: [won_time]\nmodel: license\n",
  deal_products: "model: license\n",
};

const requiredFields: Record<StreamName, string> = {
  organizations: "  - {planhat: name, value: Acme}\n",
  persons: "",
  notes: "",
  deals: "  - {planhat: _currency, value: EUR}\n  - {planhat: fromDate, value: 2026-01-01}\n",
  deal_products: "  - {planhat: _currency, value: EUR}\n  - {planhat: fromDate, value: 2026-01-01}\n",
};

/** Returns a stream that maps one custom field `X` by the given entry, such as `pipedrive: Tier`. */
export function mapping(stream: StreamName, entry: string, head = ""): CompiledStream {
  return wholeMapping(stream, entry, head)[stream];
}

function wholeMapping(stream: StreamName, entry: string, head = ""): CompiledMapping {
  const text = `stream: ${stream}\n${head}${required[stream]}fields:\n${requiredFields[stream]}  - {planhat: custom.X, ${entry}}\n`;
  // Products come with their deals, and read what these say.
  const deals = `stream: deals\n${required.deals}fields:\n${requiredFields.deals}`;
  return compiled(stream === "deal_products" ? { deals, [stream]: text } : { [stream]: text });
}

/** Returns the result for `custom.X`: its value, null, undefined for empty, or the reason of its rejection. */
export function outcome(mapped: MappedRecord, field = "custom.X"): Json | undefined | { rejected: string } {
  const rejection = mapped.rejections.find((one) => one.field === field);
  if (rejection !== undefined) return { rejected: rejection.reason };
  const found = mapped.fields.find((one) => one.field === field);
  return found === undefined ? { rejected: "not mapped" } : jsonOf(found.value);
}

/** Maps one record by one entry, and expects an equal result without the fields that the mapping does not read. */
export function mapOne(stream: StreamName, entry: string, record: JsonObject, context: RecordContext = {}) {
  const whole = wholeMapping(stream, entry);
  const read = (of: StreamName, one: JsonObject) =>
    Object.fromEntries(Object.entries(one).filter(([key]) => !whole.unread[of].includes(key)));
  const { organization, person, deal } = context;
  const mapped = outcome(whole[stream].map(record, context));
  const around = {
    organization: organization && read("organizations", organization),
    person: person && read("persons", person),
    deal: deal && read("deals", deal),
  };
  expect(outcome(whole[stream].map(read(stream, record), around))).to.deep.equal(mapped);
  return mapped;
}

/** Returns a value as JSON; undefined for empty. */
export function jsonOf(value: Value): Json | undefined {
  return value.state === "present" ? value.value : value.state === "null" ? null : undefined;
}
