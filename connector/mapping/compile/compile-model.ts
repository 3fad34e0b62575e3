import type { ModelName } from "../../model-name.ts";
import type { StreamName } from "../../stream-name.ts";
import { receives, sends } from "../direction.ts";
import { type Located, listOf, type Place } from "../language/located.ts";
import type { Report } from "../language/report.ts";
import { compileField, type FieldScope, type PlacedField } from "./compile-field.ts";
import { mayBothHold } from "./overlapping-conditions.ts";

/** Compiles the fields of a model; undefined if one of them is wrong (reported). */
export function compileFields(located: Located | undefined, at: Place, scope: FieldScope): PlacedField[] | undefined {
  const items = located?.kind === "array" ? listOf(located) : [];
  const compiled = items.map((item) => compileField(item, scope));
  const fields = compiled.filter((field) => field !== undefined);
  const sound = checkTwice(fields, scope.report) && fields.length === compiled.length;
  warnSentTwice(fields, scope.report);
  // An invalid entry may be the very one that is missing; reporting both faults would mislead.
  const faulty = new Set(items.filter((_, index) => compiled[index] === undefined).map(namedField));
  const complete = checkRequired(fields, faulty, at, scope);
  return sound && complete ? fields : undefined;
}

function namedField(item: Located): unknown {
  const planhat = item.kind === "object" ? item.entries.get("planhat")?.value : undefined;
  return planhat?.kind === "scalar" ? planhat.value : undefined;
}

/** Checks that a field of the row has one entry, or several with a `when` each. */
function checkTwice(fields: readonly PlacedField[], report: Report): boolean {
  const seen = new Map<string, PlacedField>();
  let sound = true;
  for (const placed of fields) {
    const { field, condition } = placed.field;
    const earlier = seen.get(field);
    if (earlier !== undefined && (condition === undefined || earlier.field.condition === undefined)) {
      report.error(
        placed.place,
        `\`${field}\` is mapped twice (also in line ${earlier.place.line}).`,
        "Keep one entry, or give each of them a `when`.",
      );
      sound = false;
    } else if (earlier !== undefined && mayBothHold(earlier.when, placed.when)) {
      report.warning(
        placed.place,
        `\`${field}\` is mapped twice (also in line ${earlier.place.line}) with conditions that may hold together; then the first counts.`,
        "Change one of the two, so that a record meets only one of them.",
      );
    }
    if (earlier === undefined) seen.set(field, placed);
  }
  return sound;
}

function warnSentTwice(fields: readonly PlacedField[], report: Report): void {
  const seen = new Map<string, PlacedField>();
  for (const placed of fields) {
    const { inverse, field, condition } = placed.field;
    if (inverse === undefined || condition !== undefined) continue;
    const target = inverse.part === undefined ? inverse.key : `${inverse.key}.${inverse.part}`;
    const earlier = seen.get(target);
    if (earlier !== undefined) {
      report.warning(
        placed.place,
        `\`${field}\` and \`${earlier.field.field}\` are both sent to the same field of Pipedrive.`,
        "Write `direction: receive` for one of them.",
      );
    }
    seen.set(target, placed);
  }
}

function checkRequired(
  fields: readonly PlacedField[],
  faulty: ReadonlySet<unknown>,
  at: Place,
  { model, sources, properties, direction, report }: FieldScope,
): boolean {
  if (!receives(direction)) return true;
  const filled = new Set(fields.filter(({ field }) => receives(field.direction)).map(({ field }) => field.field));
  const missing = properties.filter(
    ({ name, required }) => required && !filled.has(name) && !faulty.has(name) && !setByConnector(model, name),
  );
  for (const { name } of missing) {
    report.error(
      at,
      `Planhat requires \`${name}\` of every ${model}, and nothing maps it.`,
      requiredHint(model, name, sources.stream),
    );
  }
  return missing.length === 0;
}

function setByConnector(model: ModelName, name: string): boolean {
  return model === "note" && name === "type";
}

const usualSources: Readonly<Record<string, string>> = {
  name: "name",
  _currency: "currency",
  fromDate: "$start_date",
  salesDate: "$start_date",
  value: "value",
};

/** The usual sources in products of deals, where they differ. */
const sourcesOfProducts: typeof usualSources = {
  fromDate: "$period.first_day",
  salesDate: "$period.first_day",
  value: "sum",
};

function requiredHint(model: ModelName, name: string, stream: StreamName): string {
  const source = (stream === "deal_products" ? sourcesOfProducts[name] : undefined) ?? usualSources[name];
  return source === undefined
    ? `Add an entry for it to the fields of ${model}.`
    : `Add: - {planhat: ${name}, pipedrive: ${source}}`;
}

/** Checks that a field that sends fills `name`: Pipedrive requires it (API v2, `POST /organizations`). */
export function checkSentName(fields: readonly PlacedField[], at: Place, report: Report): boolean {
  const sent = fields.some(
    ({ field }) => sends(field.direction) && field.inverse?.key === "name" && !field.inverse.custom,
  );
  if (!sent) {
    report.error(
      at,
      "Pipedrive requires `name` of a new organization, and no field that sends maps it.",
      "Map `name` with direction both or send, or write `create_in_pipedrive: false`.",
    );
  }
  return sent;
}
