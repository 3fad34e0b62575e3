import type { Json, JsonObject } from "../../connector/mapping/value.ts";
import {
  customFieldCode,
  defineFields,
  type FieldDefinition,
} from "../../connector/sandbox/account/field-definition.ts";

export type Side = "pipedrive" | "planhat";
export type ObjectDirection = "both" | "send" | "receive" | "none";
export type Prefer = Side | "newest";

/** The events of one field of one organization: its first value, and the value that each side sets ("" sets none). */
export interface Cell {
  first: "null" | "empty" | "A";
  pipedrive: "" | "null" | "empty" | "B";
  planhat: "" | "null" | "empty" | "B" | "C";
}

/** Every first state combined with the actions of the sides: none, one, both equally, both differently. */
export const cells: readonly Cell[] = (["null", "empty", "A"] as const).flatMap((first) =>
  (["", "null", "empty", "B"] as const).flatMap((pipedrive) =>
    (["", "null", "empty", "B", "C"] as const).map((planhat): Cell => ({ first, pipedrive, planhat })),
  ),
);

type State = "null" | "empty" | "A" | "B" | "C";
type Written = Record<State, Json | undefined>;

/** A kind of field: the spelling of each state on both sides. */
interface Kind {
  name: string;
  type: string;
  options?: readonly string[];
  /** The value in Pipedrive; undefined is a missing key. */
  pipedrive: Written;
  /** The value in the company's row; undefined is a missing key. */
  planhat: Written;
}

const kinds: readonly Kind[] = [
  {
    name: "text",
    type: "varchar",
    pipedrive: { null: null, empty: "", A: "one", B: "two", C: "three" },
    planhat: { null: null, empty: "", A: "one", B: "two", C: "three" },
  },
  {
    name: "number",
    type: "double",
    pipedrive: { null: null, empty: undefined, A: 1, B: 2.5, C: 3 },
    planhat: { null: null, empty: "", A: 1, B: "2.50", C: 3 },
  },
  {
    name: "option",
    type: "enum",
    options: ["one", "two", "three"],
    pipedrive: { null: null, empty: undefined, A: 0, B: 1, C: 2 },
    planhat: { null: null, empty: "", A: "one", B: "two", C: "three" },
  },
  {
    name: "options",
    type: "set",
    options: ["one", "two", "three"],
    pipedrive: { null: null, empty: [], A: [0], B: [0, 1], C: [2] },
    planhat: { null: null, empty: [], A: ["one"], B: ["two", "one"], C: ["three"] },
  },
];

/** The columns of the text fields; the other kinds are custom fields. */
const columns = ["web", "zip", "country", "phone_primary"] as const;
const properties = ["web", "zip", "country", "phonePrimary"] as const;

/** One mapped field. */
export interface Field {
  kind: Kind;
  /** The label and key in Pipedrive; undefined for the part of an address. */
  label: string;
  key: string | undefined;
  optionIds: readonly number[];
  /** The mapping's name in Planhat, and the column of the row; undefined for custom fields. */
  planhat: string;
  column: string | undefined;
  /** The index of its direction: 0 to 3. */
  slot: number;
}

const custom = [0, 1, 2, 3].flatMap((slot) =>
  kinds.map((kind) => ({ kind, slot, label: `Field ${kind.name} ${slot}` })),
);

/** The account's custom fields for it. */
export const definitions: readonly FieldDefinition[] = defineFields(
  "organizations",
  [],
  custom.map(({ label, kind: { type, options } }) =>
    options === undefined ? ([label, type] as const) : ([label, type, options] as const),
  ),
  501,
);

/** A text, number, option and list of options in each of four directions, and a part of the address. */
export const fields: readonly Field[] = [
  ...custom.map(({ kind, slot, label }): Field => {
    const key = customFieldCode("organizations", label);
    const options = definitions.find(({ field_code }) => field_code === key)?.options ?? [];
    const isText = kind.name === "text";
    return {
      kind,
      slot,
      label,
      key,
      optionIds: options.map(({ id }) => Number(id)),
      planhat: isText ? properties[slot]! : `custom.${label}`,
      column: isText ? columns[slot]! : undefined,
    };
  }),
  {
    kind: kinds[0]!,
    slot: 0,
    label: "address.locality",
    key: undefined,
    optionIds: [],
    planhat: "city",
    column: "city",
  },
];

/** Returns the direction that a field is given under an object's: never wider; undefined is the object's own. */
export function givenDirection(object: ObjectDirection, slot: number): ObjectDirection | undefined {
  if (object === "send") return (["send", "none", undefined, "none"] as const)[slot];
  if (object === "receive") return (["receive", "none", undefined, "none"] as const)[slot];
  return (["both", "send", "receive", "none"] as const)[slot];
}

/** Returns the text of organizations.yaml. */
export function mappingText(object: ObjectDirection, prefer: Prefer): string {
  const lines = fields.map(({ planhat, label, slot }) => {
    const direction = givenDirection(object, slot);
    const more = direction === undefined ? "" : `, direction: ${direction}`;
    return `  - {planhat: "${planhat}", pipedrive: "${label}"${more}}`;
  });
  const head = `stream: organizations\nmodel: company\ndirection: ${object}\nprefer: ${prefer}\n`;
  return `${head}fields:\n  - {planhat: name, pipedrive: name}\n${lines.join("\n")}\n`;
}

/** Returns a state in Pipedrive's form. */
export function inPipedrive({ kind, optionIds }: Field, state: State): Json | undefined {
  const written = kind.pipedrive[state];
  if (optionIds.length === 0) return written;
  if (Array.isArray(written)) return written.map((index) => optionIds[Number(index)]!);
  return typeof written === "number" ? optionIds[written]! : written;
}

/** Returns a state as a user writes it into the row. */
export function inRow({ kind }: Field, state: State): Json | undefined {
  return kind.planhat[state];
}

/** Returns a state as the row receives it from Planhat, where an empty text is none. */
function inRowFromPlanhat(field: Field, state: State): Json | undefined {
  const value = inRow(field, state);
  return value === "" ? null : value;
}

/** Returns a state of the row as it is sent: every form of an empty value as null, a list in the row's order. */
function sentAs(field: Field, state: State): Json {
  if (isNothing(state)) return null;
  const value = inPipedrive(field, state)!;
  return field.kind.name === "options" && state === "B" ? (value as Json[]).toReversed() : value;
}

/** Returns a state as the connector writes Pipedrive's value into the row. */
function received({ kind }: Field, state: "A" | "B"): Json {
  if (kind.name === "number") return kind.pipedrive[state]!;
  if (kind.name === "options") return state === "A" ? ["one"] : ["one", "two"];
  return kind.planhat[state]!;
}

/** The expected result of one field. */
export interface Expected {
  /** The row's value; undefined if its key is missing. */
  row: Json | undefined;
  /** The sent value in Pipedrive's form; undefined if none is sent. */
  sent: Json | undefined;
  conflict: { winner: Side } | undefined;
}

/** A source of consent: the mapping itself, or earlier consent to everything in both directions. */
export interface Setting {
  object: ObjectDirection;
  prefer: Prefer;
  agreedBefore: boolean;
  /** The place of users' edits: the table, or Planhat, whose API gives only fields that may be sent. */
  edited: "in the table" | "in Planhat";
}

const isNothing = (state: State) => state === "null" || state === "empty";
const same = (one: State, other: State) => one === other || (isNothing(one) && isNothing(other));

/**
 * Returns the result that the contract, sections 5 and 7, demands for one field. `applies` is true if Pipedrive's
 * values of this organization go into its row in this run; `last` is the side that changed something last.
 */
export function expectedOf(
  field: Field,
  given: Cell,
  setting: Setting,
  { applies, last }: { applies: boolean; last: Side },
): Expected {
  const { object, prefer, agreedBefore, edited } = setting;
  const own = object === "none" ? "none" : (givenDirection(object, field.slot) ?? object);
  const sends = own === "both" || own === "send";
  const receives = own === "both" || own === "receive";
  const cell: Cell = edited === "in Planhat" && !sends ? { ...given, planhat: "" } : given;
  const wasReceived = agreedBefore || receives;
  const agreed: State = wasReceived ? cell.first : "null";
  const pipedrive: State = cell.pipedrive === "" ? cell.first : cell.pipedrive;
  const before: Json | undefined =
    cell.first === "A" && wasReceived
      ? received(field, "A")
      : field.column === undefined && !(wasReceived && cell.first === "null")
        ? undefined
        : null;
  const planhat: State = cell.planhat === "" ? (before == null ? "null" : "A") : cell.planhat;
  const kept =
    cell.planhat === "" || (edited === "in Planhat" && isNothing(cell.planhat) && before == null)
      ? before
      : (edited === "in Planhat" ? inRowFromPlanhat : inRow)(field, cell.planhat);
  const takes = (): Json | undefined =>
    pipedrive === "empty" ? kept : pipedrive === "null" ? null : received(field, pipedrive as "A" | "B");
  const stays = { row: kept, sent: undefined, conflict: undefined };

  if (own === "none") return stays;
  if (!sends) return applies ? { ...stays, row: takes() } : stays;
  const planhatChanged = !same(planhat, agreed);
  const pipedriveChanged = pipedrive !== "empty" && !same(pipedrive, agreed);
  if (same(pipedrive, planhat)) {
    // A null from Pipedrive sets a key that never existed to null.
    const isNew = receives && applies && pipedrive !== "empty" && (kept === undefined || kept === null);
    return isNew ? { ...stays, row: takes() } : stays;
  }
  if (!planhatChanged) return receives && applies ? { ...stays, row: takes() } : stays;
  const goes = { row: kept, sent: sentAs(field, planhat) };
  if (!pipedriveChanged) return { ...goes, conflict: undefined };
  const winner: Side = !receives ? "planhat" : prefer === "newest" ? last : prefer;
  return winner === "planhat"
    ? { ...goes, conflict: { winner } }
    : { row: takes(), sent: undefined, conflict: { winner } };
}

/** Returns the body of the single PATCH for all sends of an organization. */
export function expectedBody(address: JsonObject, sent: readonly [Field, Json][]): JsonObject | undefined {
  if (sent.length === 0) return undefined;
  const block = sent.flatMap(([{ key }, value]) => (key === undefined ? [] : [[key, value] as const]));
  const [part] = sent.filter(([{ key }]) => key === undefined);
  return {
    ...(block.length === 0 ? {} : { custom_fields: Object.fromEntries(block) }),
    ...(part === undefined
      ? {}
      : {
          address: Object.fromEntries(
            Object.entries({ ...address, locality: part[1] }).filter(([, value]) => value !== null),
          ),
        }),
  };
}
