import type { AccountCatalog, AccountField } from "../../account-catalog.ts";
import { editYaml } from "../../console/edit-yaml.ts";
import type { MappingFile } from "../../mapping/check/check-mapping.ts";
import type { CompiledMapping, StartDateStep } from "../../mapping/compiled-mapping.ts";
import type { Json } from "../../mapping/value.ts";
import { readStreamPages } from "../../pipedrive/account/read-stream-pages.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { readNewestId } from "../../pipedrive/lists/reading-cost.ts";
import { type ListedStream, listedStreams } from "../../stream-name.ts";
import { skipReason } from "../../sync/decide/eligibility.ts";

/** The number of records of a stream; of a large one only a bound is known, its highest id. */
export interface CountedObject {
  stream: ListedStream;
  count: number;
  isExact: boolean;
}

/** A pipeline, the name or id by which a mapping selects it, and its won deals. */
export interface PipelineChoice {
  id: number;
  name: string;
  select: string | number;
  won: number;
}

/** A field that may be the start date, and its values in won deals. */
export interface StartDateChoice {
  /** The word for the mapping; null for the time at which a deal was won, which needs no word. */
  field: string | null;
  label: string;
  /** The won deals in which it has a date. */
  filled: number;
  /** Its first values. */
  samples: { state: "null" | "empty" | "present"; value?: Json }[];
}

/** An account as the first hour shows it. */
export interface AccountLook {
  objects: CountedObject[];
  won: number;
  pipelines: PipelineChoice[];
  startDates: StartDateChoice[];
  /** False if the account has more deals than were read. */
  isWhole: boolean;
}

/** Records above which only a bound is told: reading their list would cost hundreds of API tokens. */
const mostCounted = 5_000;
const mostPages = 100;
const samplesShown = 3;
/** The fields that say when a deal was won, in the order in which a mapping names them. */
const wonTimes = ["local_won_date", "won_time"];

/** Returns the fields of deals that hold a date, each with the word by which a mapping names it. */
function dateFields({ fields: { deals } }: AccountCatalog): { field: string; label: string }[] {
  const isAlone = ({ label }: AccountField) => deals.filter((other) => other.label === label).length === 1;
  return deals
    .filter(({ type, custom, key }) => type === "date" && (custom || key === "expected_close_date"))
    .map((field) => ({ field: field.custom && isAlone(field) ? field.label : field.key, label: field.label }));
}

/** Returns mapping files in which every date of the account may be the start of a deal, for `lookAtAccount`. */
export function namingDates(files: readonly MappingFile[], catalog: AccountCatalog): MappingFile[] {
  const value = [...dateFields(catalog).map(({ field }) => field), ...wonTimes];
  return files.map(({ name, text }) => ({
    name,
    text: /deals\.ya?ml$/i.test(name) ? editYaml(name, text, [{ path: ["start_date"], value }]) : text,
  }));
}

/**
 * Counts an account's objects, its won deals by pipeline, and the dates that may be their start. `mapping` is that of
 * `namingDates`.
 */
export async function lookAtAccount(
  client: Client,
  catalog: AccountCatalog,
  mapping: CompiledMapping,
): Promise<AccountLook> {
  const { deals: rules } = mapping;
  const fields = dateFields(catalog);
  const dates: StartDateChoice[] = [
    ...fields.map(({ field, label }) => ({ field, label, filled: 0, samples: [] })),
    { field: null, label: "Won time", filled: 0, samples: [] },
  ];
  const byPipeline = new Map<number, number>();
  let [count, won, pages] = [0, 0, 0];
  let isWhole = true;
  for await (const { records } of readStreamPages(client, "deals")) {
    for (const { record, deleted } of records) {
      if (!deleted) count++;
      const skipped = skipReason(rules, { record, deleted, context: {} });
      if (skipped === "deleted" || skipped === "not_won") continue;
      won++;
      const pipeline = Number(record["pipeline_id"]);
      byPipeline.set(pipeline, (byPipeline.get(pipeline) ?? 0) + 1);
      const steps = rules.startDateTrace(record, {});
      const wonTime = steps.slice(fields.length).find(({ day }) => day !== null) ?? steps.at(-1)!;
      for (const [index, date] of dates.entries()) note(date, date.field === null ? wonTime : steps[index]!);
    }
    isWhole = ++pages < mostPages;
    if (!isWhole) break;
  }
  const objects: CountedObject[] = [];
  for (const stream of listedStreams)
    objects.push(stream === "deals" ? { stream, count, isExact: isWhole } : await countObjects(client, stream));
  const names = catalog.pipelines.map(({ name }) => name);
  return {
    objects,
    won,
    pipelines: catalog.pipelines.map(({ id, name }) => ({
      id,
      name,
      select: names.indexOf(name) === names.lastIndexOf(name) && !/^\d+$/.test(name) ? name : id,
      won: byPipeline.get(id) ?? 0,
    })),
    startDates: dates,
    isWhole,
  };
}

function note(date: StartDateChoice, { result, day }: StartDateStep): void {
  if (day !== null) date.filled++;
  if (date.samples.length >= samplesShown || result.state === "rejected") return;
  date.samples.push(
    result.state === "present" ? { state: "present", value: day ?? result.value } : { state: result.state },
  );
}

async function countObjects(client: Client, stream: ListedStream): Promise<CountedObject> {
  const newest = await readNewestId(client, stream);
  if (newest > mostCounted) return { stream, count: newest, isExact: false };
  const ids = new Set<number>();
  for await (const { records } of readStreamPages(client, stream))
    for (const { id, deleted } of records) if (!deleted) ids.add(id);
  return { stream, count: ids.size, isExact: true };
}
