import { checkMapping } from "../../connector/mapping/check-mapping.ts";
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

/** The files compiled against the invented account; throws with the problems when there are errors. */
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
};

const requiredFields: Record<StreamName, string> = {
  organizations: "  - {planhat: name, value: Acme}\n",
  persons: "",
  notes: "",
  deals: "  - {planhat: _currency, value: EUR}\n  - {planhat: fromDate, value: 2026-01-01}\n",
};

/** A stream that maps one custom field `X` by the given entry, such as `pipedrive: Tier`. */
export function mapping(stream: StreamName, entry: string, head = ""): CompiledStream {
  const text = `stream: ${stream}\n${head}${required[stream]}fields:\n${requiredFields[stream]}  - {planhat: custom.X, ${entry}}\n`;
  return compiled({ [stream]: text })[stream];
}

/** What `custom.X` becomes: its value, null, undefined for empty, or the reason of its rejection. */
export function outcome(mapped: MappedRecord, field = "custom.X"): Json | undefined | { rejected: string } {
  const rejection = mapped.rejections.find((one) => one.field === field);
  if (rejection !== undefined) return { rejected: rejection.reason };
  const found = mapped.fields.find((one) => one.field === field);
  return found === undefined ? { rejected: "not mapped" } : jsonOf(found.value);
}

/** What one entry makes of one record. */
export function mapOne(stream: StreamName, entry: string, record: JsonObject, context: RecordContext = {}) {
  return outcome(mapping(stream, entry).map(record, context));
}

/** A value as JSON; undefined for empty. */
export function jsonOf(value: Value): Json | undefined {
  return value.state === "present" ? value.value : value.state === "null" ? null : undefined;
}
