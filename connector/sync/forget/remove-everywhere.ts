import type { Database, Transaction } from "../../database/database.ts";
import {
  clearEmbedded,
  clearFieldMemories,
  clearMemories,
  clearRows,
  type NamingRecords,
  recordsNaming,
  rowsOfDeals,
} from "../../database/forget/clear-person.ts";
import { type FoundPersons, findPersons, type Wanted } from "../../database/forget/person-words.ts";
import { type ForgottenPlace, publishedPersons, removePersons } from "../../database/forget/remove-person.ts";
import { searchWords, type WordPlace } from "../../database/forget/search-words.ts";
import { wordPattern } from "../../database/forget/word-pattern.ts";
import { addLandedDeals } from "../../database/landing/pending.ts";
import { writeAsApplying } from "../../database/tables/edited-companies.ts";
import { addTasks } from "../../database/tables/forgetting.ts";
import { readForgotten, rememberForgotten } from "../../database/tables/forgotten.ts";
import { keptData } from "../../database/tables/kept-data.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import { modelsOf } from "../../mapping/language/document-schema.ts";
import type { Json } from "../../mapping/value.ts";
import { type ModelName, modelNames, tableOf } from "../../model-name.ts";
import type { ForgetProof, LeftToPeople } from "./forget-proof.ts";

/** The run that forgets, and what it needs to know. */
export interface Forgetting {
  runId: string;
  /** The mapping, which tells the fields that are read from a record's person; without it the values alone tell. */
  mapping: CompiledMapping | undefined;
  kind: Database["kind"];
}

/**
 * Removes persons from every table in one transaction, remembers them by hashes, and adds the tasks that are left.
 * Returns the proof so far.
 */
export async function removeEverywhere(
  transaction: Transaction,
  { runId, mapping, kind }: Forgetting,
  wanted: Wanted,
): Promise<ForgetProof> {
  await writeAsApplying(transaction);
  const before = await readForgotten(transaction);
  const known = wanted.id === undefined ? before.address(wanted.address!) : before.person(wanted.id);
  const found = await findPersons(transaction, wanted);
  const pattern = wordPattern(found.words);
  const naming = await recordsNaming(transaction, found.ids);
  const endusers = await publishedPersons(transaction, found);
  const places = await removePersons(transaction, found);
  const embedded = await clearEmbedded(transaction, found.ids);
  places.push({ table: "pipedrive.notes", what: "the name that notes embed", removed: embedded });
  const changed: { model: ModelName; sourceId: string }[] = [];
  for (const model of modelNames) {
    if (model === "company" || model === "enduser") continue;
    const sourceIds = model === "note" ? naming.notes.map(String) : await rowsOfDeals(transaction, model, naming.deals);
    const fields = fieldsOfPerson(mapping, model);
    const cleared = await clearRows(transaction, model, sourceIds, { fields, pattern });
    changed.push(...cleared.map((sourceId) => ({ model, sourceId })));
    places.push({ table: `planhat.${tableOf[model]}`, what: "values of the person", removed: cleared.length });
    countIn(places, await clearFieldMemories(transaction, model, sourceIds, { fields, pattern }));
  }
  if (pattern !== undefined) countIn(places, await clearMemories(transaction, pattern));
  await rememberForgotten(transaction, { ids: rememberedIds(found, wanted), addresses: found.addresses });
  if (naming.deals.length > 0) await addLandedDeals(transaction, naming.deals);
  const words = pattern === undefined ? [] : await searchWords(transaction, pattern);
  const left = leftToPeople(words, naming, found);
  await addTasks(transaction, [
    ...endusers.map(({ sourceId, planhatId }) => ({ task: "delete", model: "enduser", sourceId, planhatId }) as const),
    ...changed.map(({ model, sourceId }) => ({ task: "publish", model, sourceId }) as const),
    ...tablesToRewrite(places, kind).map((table) => ({ task: "rewrite", details: table }) as const),
    { task: "tell", details: left as unknown as Json },
  ]);
  return {
    run: runId,
    done: false,
    persons: rememberedIds(found, wanted),
    known_since: known ?? null,
    remembered: { persons: rememberedIds(found, wanted).length, addresses: found.addresses.length },
    shared_addresses: found.shared,
    places,
    planhat: { host: null, deleted: 0, waiting: [] },
    rewritten: { tables: [], left: [] },
    left,
    backups: [],
  };
}

/** Adds what was cleared in tables to the proof. */
function countIn(places: ForgottenPlace[], cleared: readonly { table: string; removed: number }[]): void {
  for (const { table, removed } of cleared) {
    const place = places.find((one) => one.table === table);
    if (place === undefined) places.push({ table, what: "values of the person", removed });
    else place.removed += removed;
  }
}

function rememberedIds({ ids }: FoundPersons, { id }: Wanted): number[] {
  return id === undefined ? ids : [...new Set([id, ...ids])];
}

/** Returns the fields of a model that its mapping reads from the person of the record. */
function fieldsOfPerson(mapping: CompiledMapping | undefined, model: ModelName): Set<string> {
  if (mapping === undefined) return new Set();
  const streams = (["deals", "notes", "deal_products"] as const).filter((stream) => modelsOf[stream].includes(model));
  return new Set(
    streams.flatMap((stream) =>
      mapping[stream].models
        .filter((one) => one.model === model)
        .flatMap(({ fields }) => fields)
        .filter(({ reads }) => reads.some((read) => read.stream === "persons"))
        .map(({ field }) => field),
    ),
  );
}

/**
 * Returns the tables whose files must be rewritten: those from which something was removed. The embedded database never
 * clears dead rows by itself, so there all tables that may hold values of persons are.
 */
function tablesToRewrite(places: readonly ForgottenPlace[], kind: Database["kind"]): string[] {
  const personal = Object.entries(keptData).flatMap(([table, one]) =>
    Object.keys(one.personal).length > 0 ? [table] : [],
  );
  const touched = new Set(places.flatMap(({ table, removed }) => (removed > 0 ? [table] : [])));
  return kind === "embedded" ? personal : personal.filter((table) => touched.has(table));
}

/** Sorts what is still found: records whose text names the person, and the rest. */
function leftToPeople(words: readonly WordPlace[], naming: NamingRecords, found: FoundPersons): LeftToPeople {
  const idsIn = (table: string) => (words.find((one) => one.table === table)?.ids ?? []).map(Number);
  const told = ["pipedrive.notes", "pipedrive.deals", "pipedrive.organizations", "pipedrive.persons"];
  return {
    notes: idsIn("pipedrive.notes"),
    notes_on_person: naming.onlyOnPerson,
    deals: idsIn("pipedrive.deals"),
    organizations: idsIn("pipedrive.organizations"),
    persons: idsIn("pipedrive.persons").filter((id) => !found.ids.includes(id)),
    elsewhere: words.filter(({ table }) => !told.includes(table)),
  };
}
