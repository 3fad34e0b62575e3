import { expect } from "chai";
import fc from "fast-check";
import type { StoredRow } from "../../../connector/database/row.ts";
import type { CompiledStream } from "../../../connector/mapping/compiled-mapping.ts";
import type { Json, JsonObject } from "../../../connector/mapping/value.ts";
import { models } from "../../../connector/planhat/models.ts";
import { decideRow } from "../../../connector/sync/decide/row-action.ts";
import type { RowAction } from "../../../connector/sync/decision.ts";
import { key } from "../../mapping/account.ts";
import { compiled } from "../../mapping/checked.ts";

interface Entry {
  planhat: string;
  from: string;
  direction: string | undefined;
  transform: string;
}

const transforms = [
  "",
  "[trim]",
  "[{default: none}]",
  "[text, uppercase]",
  '[{lookup: {"1": one}, otherwise: keep}]',
  "[first]",
];
const sources = [
  "pipedrive: website",
  "pipedrive: [linkedin, website]",
  "pipedrive: address.locality",
  "pipedrive: employee_count",
  "pipedrive: Tier",
  "pipedrive: Products",
  "pipedrive: $labels",
  "value: always",
];
/** A valid key of a lookup for each of these options: one that no option ever bore would be a mistake. */
const options: Readonly<Record<string, string>> = {
  "pipedrive: Tier": "Gold",
  "pipedrive: Products": "Core",
  "pipedrive: $labels": "Customer",
};
const targets = ["web", "city", "zip", "phase", "tags", "domains", "custom.A", "custom.B", "custom.__proto__"];

const entries: fc.Arbitrary<Entry[]> = fc.uniqueArray(
  fc.record({
    planhat: fc.constantFrom(...targets),
    from: fc.constantFrom(...sources),
    direction: fc.constantFrom(undefined, "receive", "none"),
    transform: fc.constantFrom(...transforms),
  }),
  { selector: ({ planhat }) => planhat },
);

function streamOf(list: readonly Entry[]): CompiledStream {
  const lines = list.map(({ planhat, from, direction, transform: written }) => {
    const transform = written.replace('"1"', options[from] ?? '"1"');
    const more = `${direction === undefined ? "" : `, direction: ${direction}`}${transform === "" ? "" : `, transform: ${transform}`}`;
    return `  - {planhat: ${planhat}, ${from}${more}}\n`;
  });
  const text = `stream: organizations\nfields:\n  - {planhat: name, pipedrive: name}\n${lines.join("")}`;
  return compiled({ organizations: text }).organizations;
}

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.string({ maxLength: 5 }),
  fc.constantFrom(null, "", 0, 1, 2.5, true, "Acme", " x ", [], {}),
);
const record: fc.Arbitrary<JsonObject> = fc.record(
  {
    id: fc.constant(7),
    name: fc.constantFrom("Acme", "Other"),
    website: scalar,
    linkedin: scalar,
    employee_count: scalar,
    address: fc.oneof(scalar, fc.record({ locality: scalar }, { requiredKeys: [] })),
    label_ids: fc.oneof(scalar, fc.subarray([5, 6, 99])),
    custom_fields: fc.record(
      { [key("b")]: fc.constantFrom(null, 21, 22, 23), [key("1")]: fc.oneof(scalar, fc.subarray([31, 32])) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["id", "name"] },
) as fc.Arbitrary<JsonObject>;

function rowAfter(row: StoredRow | undefined, { write }: RowAction): StoredRow {
  const custom = Object.assign(Object.create(null), row?.custom, write.custom) as JsonObject;
  return {
    id: "1",
    sourceId: "7",
    companyId: null,
    externalId: null,
    columns: { ...row?.columns, ...write.columns },
    custom,
    updatedAt: "2026-01-31T10:00:00Z",
  };
}

const decide = (stream: CompiledStream, from: JsonObject, existing: StoredRow | undefined) =>
  decideRow({ sourceId: "7", mapped: stream.map(from, {}), existing });

/** Returns the written fields, by Planhat's names. */
function written({ write }: RowAction): string[] {
  const columns = new Map([...models.company.values()].map(({ name, column }) => [column, name]));
  return [
    ...Object.keys(write.columns).map((column) => columns.get(column)!),
    ...Object.keys(write.custom ?? {}).map((name) => `custom.${name}`),
  ];
}

describe("whatever the mapping and the record", () => {
  it("mapping a record a second time changes nothing", () => {
    fc.assert(
      fc.property(entries, record, record, (list, before, after) => {
        const stream = streamOf(list);
        let row: StoredRow | undefined;
        for (const from of [before, after]) {
          row = rowAfter(row, decide(stream, from, row));
          const again = decide(stream, from, row);
          expect(again.action).to.equal("unchanged");
          expect(written(again)).to.deep.equal([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("only fields whose direction receives are written, and no field outside the mapping", () => {
    fc.assert(
      fc.property(entries, record, fc.boolean(), (list, from, isNew) => {
        const row = isNew ? undefined : rowAfter(undefined, decide(streamOf([]), { id: 7, name: "Before" }, undefined));
        const allowed = ["name", ...list.flatMap(({ planhat, direction }) => (direction === "none" ? [] : [planhat]))];
        const action = decide(streamOf(list), from, row);
        for (const field of written(action)) expect(allowed).to.include(field);
      }),
      { numRuns: 300 },
    );
  });
});
