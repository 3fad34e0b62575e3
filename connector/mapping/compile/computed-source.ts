import type { StreamName } from "../../stream-name.ts";
import { didYouMean, nearestWord } from "../../text/nearest-word.ts";
import type { FieldReference, RecordContext, ShownNames } from "../compiled-mapping.ts";
import { readLabelIds, readLabels, readName, readOwner, readUrl } from "../evaluate/computed-value.ts";
import { namedThings } from "../evaluate/named-things.ts";
import { type PeriodPart, periodOf, periodParts } from "../evaluate/period.ts";
import type { Source, SourceScope } from "../evaluate/source.ts";
import type { Report } from "../language/report.ts";
import { quotedLabel } from "../language/source-path.ts";
import type { Outcome } from "../outcome.ts";
import { EMPTY, type Empty, type JsonObject, NULL, type Null } from "../value.ts";
import { optionsOf, resolveField, type WrittenField } from "./resolve-field.ts";

/** The streams whose records have each computed field, and the words that may follow its dot (contract, section 4). */
const computed: Readonly<Record<string, { streams: readonly StreamName[]; words?: readonly string[] }>> = {
  $start_date: { streams: ["deals"] },
  $organization: { streams: ["deals", "persons", "notes"], words: [] },
  $person: { streams: ["deals", "notes"], words: [] },
  $owner: { streams: ["organizations", "persons", "deals", "notes"], words: ["email", "name"] },
  $pipeline: { streams: ["deals"], words: ["name"] },
  $stage: { streams: ["deals"], words: ["name"] },
  $labels: { streams: ["organizations", "persons", "deals"] },
  $url: { streams: ["organizations", "persons", "deals"] },
  $deal: { streams: ["deal_products"], words: [] },
  $period: { streams: ["deal_products"], words: Object.keys(periodParts) },
};

/** Resolves a computed field; its first part is the name with the dollar sign. */
export function resolveComputed(
  written: Omit<WrittenField, "stream">,
  scope: SourceScope,
  report: Report,
): Source | undefined {
  const { text, place } = written;
  const [first = "", ...path] = written.parts;
  const fault = faultOf(text, first, path, scope);
  if (fault !== undefined) {
    report.error(place, fault.message, fault.hint);
    return undefined;
  }
  if (first === "$deal") return throughDeal({ text, parts: path, place }, scope, report);
  if (first === "$period") return period(text, path[0] as PeriodPart, scope);
  if (first === "$organization") return related({ text, stream: "organizations", parts: path, place }, scope, report);
  if (first === "$person") return related({ text, stream: "persons", parts: path, place }, scope, report);
  return source(text, first, path[0] as "email" | "name" | undefined, scope);
}

function faultOf(text: string, first: string, path: readonly string[], scope: SourceScope) {
  const known = Object.hasOwn(computed, first) ? computed[first] : undefined;
  if (known === undefined || (first === "$start_date" && scope.startDate === undefined && scope.stream === "deals")) {
    if (scope.fieldsOf(scope.stream).hasLabel(text)) {
      return {
        message: `\`${text}\` is not a computed field.`,
        hint: `A label with a dot, or one that starts with $, is written ${quotedLabel(text)}.`,
      };
    }
    if (known !== undefined) return { message: "`start_date` cannot refer to itself.", hint: undefined };
    const words = Object.keys(computed).filter((word) => computed[word]!.streams.includes(scope.stream));
    const near = nearestWord(first, words);
    return {
      message: `There is no computed field \`${first}\`.`,
      hint: near === undefined ? `${scope.stream} have: ${words.join(", ")}.` : didYouMean(first, near),
    };
  }
  if (!known.streams.includes(scope.stream)) {
    return { message: `${scope.stream} have no \`${first}\`; ${known.streams.join(", ")} do.`, hint: undefined };
  }
  const { words } = known;
  if (words === undefined) {
    return path.length === 0 ? undefined : { message: `\`${first}\` has no parts.`, hint: `Write \`${first}\`.` };
  }
  if (path.length === 0) {
    return { message: `\`${first}\` needs a field, as in \`${first}.${words[0] ?? "name"}\`.`, hint: undefined };
  }
  if (words.length === 0 || (path.length === 1 && words.includes(path[0]!))) return undefined;
  return {
    message: `\`${first}\` has no \`${path.join(".")}\`.`,
    hint: `Write ${words.map((word) => `\`${first}.${word}\``).join(" or ")}.`,
  };
}

/** Resolves a field of the organization or the person that a record names. */
function related(written: WrittenField, scope: SourceScope, report: Report): Source | undefined {
  const { stream } = written;
  const key = stream === "organizations" ? "org_id" : "person_id";
  const field = resolveField(written, scope, report);
  if (field === undefined) return undefined;
  const { target: _never, read, things, ...readable } = field;
  const through =
    <Result>(read: (record: JsonObject, context: RecordContext) => Result) =>
    (record: JsonObject, context: RecordContext): Result | Null | Empty => {
      // Clearing a reference clears the values read through it (contract: null inside a path).
      if (record[key] === null) return NULL;
      const other = stream === "organizations" ? context.organization : context.person;
      return other === undefined ? EMPTY : read(other, context);
    };
  return {
    ...readable,
    ...(things === undefined ? {} : { things: { ...things, readIds: through(things.readIds) } }),
    reads: [{ stream: scope.stream, key, custom: false }, ...field.reads],
    read: through(read),
  };
}

/** A field of the deal that a product belongs to, a computed one too: as the deal itself would be read. */
function throughDeal(written: Omit<WrittenField, "stream">, scope: SourceScope, report: Report): Source | undefined {
  const ofDeals: SourceScope = { ...scope, stream: "deals", startDate: undefined, ...scope.ofDeal };
  const field = written.parts[0]!.startsWith("$")
    ? resolveComputed(written, ofDeals, report)
    : resolveField({ ...written, stream: "deals" }, scope, report);
  if (field === undefined) return undefined;
  const { target: _never, read, things, ...readable } = field;
  const through =
    <Result>(readDeal: (record: JsonObject, context: RecordContext) => Result) =>
    (_record: JsonObject, context: RecordContext): Result | Empty =>
      context.deal === undefined ? EMPTY : readDeal(context.deal, context);
  return {
    ...readable,
    text: written.text,
    ...(things === undefined ? {} : { things: { ...things, readIds: through(things.readIds) } }),
    reads: [{ stream: scope.stream, key: "deal_id", custom: false }, ...field.reads],
    read: through(read),
  };
}

/** A part of the term of a product: what it needs of the deal is the start date. */
function period(text: string, part: PeriodPart, scope: SourceScope): Source {
  const { startDate = () => EMPTY, startDateReads = [] } = scope.ofDeal ?? {};
  const own = periodParts[part].map((key): FieldReference => ({ stream: scope.stream, key, custom: false }));
  const isDated = part === "first_day" || part === "last_day";
  return {
    text,
    kind: "plain",
    reads: [...(isDated ? startDateReads : []), ...own],
    read: (record, context) =>
      periodOf(part, record, context.deal === undefined ? EMPTY : startDate(context.deal, context)),
  };
}

function source(text: string, name: string, part: "email" | "name" | undefined, scope: SourceScope): Source {
  const { stream, catalog } = scope;
  const of = (key: string): FieldReference[] => [{ stream, key, custom: false }];
  const make = (
    reads: FieldReference[],
    read: (record: JsonObject, context: RecordContext) => Outcome,
    kind: Source["kind"] = "plain",
  ): Source => ({ text, reads, kind, read });
  const naming = (key: string, names: ShownNames["names"]): Pick<Source, "shows"> => ({
    shows: { stream, key, custom: false, names },
  });
  switch (name) {
    case "$owner": {
      const key = stream === "notes" ? "user_id" : "owner_id";
      return { ...make(of(key), readOwner(key, part!, catalog?.users)), ...naming(key, "users") };
    }
    case "$pipeline":
    case "$stage": {
      const what = name === "$stage" ? "stage" : "pipeline";
      const key = `${what}_id`;
      const known = catalog === undefined ? undefined : namedThings(what, catalog);
      const named = { ...make(of(key), readName(key, what, known?.things)), ...naming(key, `${what}s`) };
      return known === undefined ? named : { ...named, things: known };
    }
    case "$labels": {
      const found = scope.fieldsOf(stream).find("label_ids");
      const field = found !== undefined && "field" in found ? found.field : undefined;
      const options = field === undefined ? undefined : optionsOf(stream, field);
      const labels = {
        ...make(of("label_ids"), readLabels(field?.options), "options"),
        ...naming("label_ids", "options"),
      };
      return options === undefined ? labels : { ...labels, things: { ...options, readIds: readLabelIds } };
    }
    case "$url":
      return { ...make(of("id"), readUrl(stream, catalog?.companyDomain ?? null)), ...naming("id", "domain") };
    default:
      return make(scope.startDateReads ?? [], scope.startDate!);
  }
}
