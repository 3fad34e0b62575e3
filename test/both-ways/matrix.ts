import type { Json, JsonObject } from "../../connector/mapping/value.ts";
import {
  customFieldCode,
  defineFields,
  type FieldDefinition,
} from "../../connector/sandbox/account/field-definition.ts";

export type Side = "pipedrive" | "planhat";
export type ObjectDirection = "both" | "send" | "receive" | "none";
export type Prefer = Side | "newest";

/** What happens to one field of one organization: its value at first, and what each side makes of it ("" leaves it). */
export interface Cell {
  first: "null" | "empty" | "A";
  pipedrive: "" | "null" | "empty" | "B";
  planhat: "" | "null" | "empty" | "B" | "C";
}

/** Every first state with everything that each side may do: nobody, one, both alike, both differently. */
export const cells: readonly Cell[] = (["null", "empty", "A"] as const).flatMap((first) =>
  (["", "null", "empty", "B"] as const).flatMap((pipedrive) =>
    (["", "null", "empty", "B", "C"] as const).map((planhat): Cell => ({ first, pipedrive, planhat })),
  ),
);

type State = "null" | "empty" | "A" | "B" | "C";
type Written = Record<State, Json | undefined>;

/** A kind of field: how each side writes each state, the two in each its own spelling. */
interface Kind {
  name: string;
  type: string;
  options?: readonly string[];
  /** As Pipedrive has it; undefined is a key that is missing. */
  pipedrive: Written;
  /** As the company's row has it; undefined is a key that is missing. */
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

/** The columns that the text fields go to; the other kinds are custom fields. */
const columns = ["web", "zip", "country", "phone_primary"] as const;
const properties = ["web", "zip", "country", "phonePrimary"] as const;

/** One mapped field. */
export interface Field {
  kind: Kind;
  /** In Pipedrive: its label and key; undefined for the part of an address. */
  label: string;
  key: string | undefined;
  optionIds: readonly number[];
  /** In Planhat: the mapping's name, and the column of the row; undefined for custom fields. */
  planhat: string;
  column: string | undefined;
  /** Which of the directions it has: 0 to 3. */
  slot: number;
}

const custom = [0, 1, 2, 3].flatMap((slot) =>
  kinds.map((kind) => ({ kind, slot, label: `Field ${kind.name} ${slot}` })),
);

/** The custom fields that the account has for it. */
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

/** The direction that a field is given under an object's: never wider; undefined is the object's own. */
export function givenDirection(object: ObjectDirection, slot: number): ObjectDirection | undefined {
  if (object === "send") return (["send", "none", undefined, "none"] as const)[slot];
  if (object === "receive") return (["receive", "none", undefined, "none"] as const)[slot];
  return (["both", "send", "receive", "none"] as const)[slot];
}

/** organizations.yaml for it. */
export function mappingText(object: ObjectDirection, prefer: Prefer): string {
  const lines = fields.map(({ planhat, label, slot }) => {
    const direction = givenDirection(object, slot);
    const more = direction === undefined ? "" : `, direction: ${direction}`;
    return `  - {planhat: "${planhat}", pipedrive: "${label}"${more}}`;
  });
  const head = `stream: organizations\nmodel: company\ndirection: ${object}\nprefer: ${prefer}\n`;
  return `${head}fields:\n  - {planhat: name, pipedrive: name}\n${lines.join("\n")}\n`;
}

/** A state as Pipedrive writes it. */
export function inPipedrive({ kind, optionIds }: Field, state: State): Json | undefined {
  const written = kind.pipedrive[state];
  if (optionIds.length === 0) return written;
  if (Array.isArray(written)) return written.map((index) => optionIds[Number(index)]!);
  return typeof written === "number" ? optionIds[written]! : written;
}

/** A state as a person writes it in the row. */
export function inRow({ kind }: Field, state: State): Json | undefined {
  return kind.planhat[state];
}

/** The same as the row takes it from Planhat, where an empty text is none. */
function inRowFromPlanhat(field: Field, state: State): Json | undefined {
  const value = inRow(field, state);
  return value === "" ? null : value;
}

/** A state of the row as it is sent: nothing in every form as null, a list in the order that the row has. */
function sentAs(field: Field, state: State): Json {
  if (isNothing(state)) return null;
  const value = inPipedrive(field, state)!;
  return field.kind.name === "options" && state === "B" ? (value as Json[]).toReversed() : value;
}

/** A state as the connector writes Pipedrive's value into the row. */
function received({ kind }: Field, state: "A" | "B"): Json {
  if (kind.name === "number") return kind.pipedrive[state]!;
  if (kind.name === "options") return state === "A" ? ["one"] : ["one", "two"];
  return kind.planhat[state]!;
}

/** What is expected of one field. */
export interface Expected {
  /** What the row holds; undefined where its key is missing. */
  row: Json | undefined;
  /** What is sent, as Pipedrive takes it; undefined where nothing is. */
  sent: Json | undefined;
  conflict: { winner: Side } | undefined;
}

/** How a field gets there: by the mapping itself, or agreed on before with everything in both directions. */
export interface Setting {
  object: ObjectDirection;
  prefer: Prefer;
  agreedBefore: boolean;
  /** Where people change companies: in the table, or in Planhat, whose API gives only what may be sent. */
  edited: "in the table" | "in Planhat";
}

const isNothing = (state: State) => state === "null" || state === "empty";
const same = (one: State, other: State) => one === other || (isNothing(one) && isNothing(other));

/**
 * The rules of the contract, sections 5 and 7, for one field: `settles` says whether what Pipedrive has of this organization
 * goes into its row in this run, `last` who changed something last.
 */
export function expectedOf(field: Field, given: Cell, setting: Setting, settles: boolean, last: Side): Expected {
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
  if (!sends) return settles ? { ...stays, row: takes() } : stays;
  const planhatChanged = !same(planhat, agreed);
  const pipedriveChanged = pipedrive !== "empty" && !same(pipedrive, agreed);
  if (same(pipedrive, planhat)) {
    // A null of Pipedrive's makes a key that was never there null.
    const isNew = receives && settles && pipedrive !== "empty" && (kept === undefined || kept === null);
    return isNew ? { ...stays, row: takes() } : stays;
  }
  if (!planhatChanged) return receives && settles ? { ...stays, row: takes() } : stays;
  const goes = { row: kept, sent: sentAs(field, planhat) };
  if (!pipedriveChanged) return { ...goes, conflict: undefined };
  const winner: Side = !receives ? "planhat" : prefer === "newest" ? last : prefer;
  return winner === "planhat"
    ? { ...goes, conflict: { winner } }
    : { row: takes(), sent: undefined, conflict: { winner } };
}

/** The body of the one PATCH for all that is sent of an organization. */
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
