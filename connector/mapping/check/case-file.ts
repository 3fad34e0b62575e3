import { type ModelName, modelNames } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { structureCheck } from "../language/check-structure.ts";
import { below, keyPlace, type Located, listOf, type Place, plain, textOf } from "../language/located.ts";
import { parseMappingDocument } from "../language/parse-document.ts";
import type { Report } from "../language/report.ts";
import type { Schema } from "../schema.ts";
import type { JsonObject } from "../value.ts";

/** The expected result of a case. */
export type Expectation =
  /**
   * A row with exactly these fields, by Planhat's names; null is NULL. `rejected`: rejected fields, with the reason.
   */
  | { row: JsonObject; model: ModelName | undefined; rejected: JsonObject }
  /** The whole row rejected, for this reason. */
  | { refused: string }
  /** Left out by a rule of eligibility: `not_won` … */
  | { skipped: string };

/** One case of a test file: a record, and the row that it should become. */
export interface MappingCase extends Place {
  name: string;
  stream: StreamName;
  record: JsonObject;
  recordPlace: Place;
  /** The records that `$organization` and `$person` read. */
  organization: JsonObject | undefined;
  person: JsonObject | undefined;
  expected: Expectation;
}

const record: Schema = { type: "object" };

const caseSchema: Schema = {
  type: "object",
  required: ["name", "record"],
  additionalProperties: false,
  properties: {
    name: { type: "string", minLength: 1, description: "What the case shows, as a sentence." },
    record: { ...record, description: "The record as Pipedrive's API gives it." },
    organization: { ...record, description: "The organization that `$organization` reads." },
    person: { ...record, description: "The person that `$person` reads." },
    model: { type: "string", enum: [...modelNames], description: "The model that the record should become." },
    row: { ...record, description: "Every field of the row, by Planhat's names." },
    rejected: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "The fields that are refused, each with its reason.",
    },
    refused: { type: "string", description: "The reason for which the whole row is refused." },
    skipped: { type: "string", description: "The reason word for which the record does not sync." },
  },
};

const fileSchema: Schema = {
  type: "object",
  required: ["stream", "cases"],
  additionalProperties: false,
  properties: {
    stream: { type: "string", enum: [...streamNames], description: "The stream whose mapping the cases test." },
    cases: { type: "array", items: caseSchema, minItems: 1, description: "The cases." },
  },
};

/** Reads the cases of a test file; undefined if anything in it is wrong (reported). */
export function parseCases(text: string, report: Report): MappingCase[] | undefined {
  const root = parseMappingDocument(text, report);
  if (root === undefined || !structureCheck({}, report)(root, fileSchema, "test file")) return undefined;
  const stream = textOf(below(root, "stream")) as StreamName;
  const cases = listOf(below(root, "cases")).map((located) => caseOf(stream, located, report));
  const sound = cases.filter((one) => one !== undefined);
  return sound.length === cases.length ? sound : undefined;
}

function caseOf(stream: StreamName, located: Located, report: Report): MappingCase | undefined {
  const expected = expectationOf(located, report);
  if (expected === undefined) return undefined;
  return {
    line: located.line,
    column: located.column,
    name: textOf(below(located, "name"))!,
    stream,
    record: objectOf(located, "record")!,
    recordPlace: keyPlace(located, "record"),
    organization: objectOf(located, "organization"),
    person: objectOf(located, "person"),
    expected,
  };
}

function expectationOf(located: Located, report: Report): Expectation | undefined {
  const outcomes = ["row", "refused", "skipped"].filter((key) => below(located, key) !== undefined);
  if (outcomes.length !== 1) {
    report.error(
      located,
      outcomes.length === 0
        ? "This case expects nothing: it needs `row`, `refused` or `skipped`."
        : `A case expects either ${outcomes.map((key) => `\`${key}\``).join(" or ")}.`,
    );
    return undefined;
  }
  const row = objectOf(located, "row");
  if (row === undefined) {
    const idle = ["model", "rejected"].find((key) => below(located, key) !== undefined);
    if (idle !== undefined) {
      report.error(keyPlace(located, idle), `\`${idle}\` goes with \`row\`, and this case expects none.`);
      return undefined;
    }
    const refused = textOf(below(located, "refused"));
    return refused === undefined ? { skipped: textOf(below(located, "skipped"))! } : { refused };
  }
  const model = textOf(below(located, "model")) as ModelName | undefined;
  return { row, model, rejected: objectOf(located, "rejected") ?? {} };
}

function objectOf(located: Located, key: string): JsonObject | undefined {
  const value = below(located, key);
  return value === undefined ? undefined : (plain(value) as JsonObject);
}
