import { existsSync } from "node:fs";
import { tableOf } from "../../model-name.ts";
import type { ForgetProof, LeftToPeople } from "../../sync/forget/forget-proof.ts";
import { counted } from "../../text/counted.ts";
import { paint } from "../terminal/paint.ts";
import { table } from "../terminal/table.ts";

/** Returns a forgetting, shown or done, as lines of text: every place, what went, and what is left to people. */
export function describeForget(
  proof: ForgetProof,
  { isDone, isEmail }: { isDone: boolean; isEmail: boolean },
): string[] {
  const { places, planhat, rewritten, remembered, known_since: since } = proof;
  const found = places.filter(({ removed }) => removed > 0);
  return [
    paint(headline(proof, { isDone, isEmail }), "strong"),
    ...(since === null ? [] : [`Forgotten before, since ${since}.`]),
    "",
    ...(found.length === 0
      ? []
      : table([
          ["place", "what", isDone ? "removed" : "rows"],
          ...found.map((one) => [one.table, one.what, one.removed]),
        ])),
    `Nothing found in: ${nothingIn(places)}.`,
    ...planhatLines(planhat, isDone),
    ...(isDone ? rememberedLines(remembered, proof.shared_addresses) : []),
    ...rewrittenLines(rewritten, isDone),
    "",
    paint("Left to people", "strong"),
    ...leftLines(proof.left).map((line) => `  ${line}`),
    ...proof.backups.map(
      ({ file, at }) => `  the backup ${file} of ${at}${existsSync(file) ? "" : ", which is not there now"}`,
    ),
    "  Pipedrive itself, which is not written to",
    ...(planhat.host === null ? [] : ["  what Planhat itself recorded of the person, such as e-mails"]),
    "  what people made of the data: exports, saved plans, results of queries, backups of the server and its log",
    "",
    isDone ? sumLine(proof) : "Nothing was written. `--yes` does it.",
  ];
}

function headline({ persons }: ForgetProof, { isDone, isEmail }: { isDone: boolean; isEmail: boolean }): string {
  const who = persons.length === 0 ? "nobody" : persons.map((id) => `person ${id}`).join(", ");
  if (isEmail) return `${isDone ? "Forgotten by the address" : "With the address"}: ${who}`;
  return isDone ? `Forgotten: ${who}` : `Where ${who} is`;
}

function nothingIn(places: ForgetProof["places"]): string {
  const empty = places.filter(({ removed }) => removed === 0).map(({ table: name }) => name);
  return empty.length === 0 ? "no place, each had something" : [...new Set(empty)].join(", ");
}

function planhatLines({ host, deleted, waiting }: ForgetProof["planhat"], isDone: boolean): string[] {
  if (!isDone && waiting.length > 0 && host !== null)
    return [`Planhat (${host}): ${counted(waiting.length, "end user")} to delete.`];
  const lines = host === null ? [] : [`Planhat (${host}): ${counted(deleted, "end user")} deleted.`];
  if (waiting.length > 0) {
    const which = waiting.map(({ source_id, planhat_id }) => planhat_id ?? `source id ${source_id}`).join(", ");
    const how =
      host === null
        ? "add `planhat` to the config and run this again"
        : "the next sync or this command again deletes it";
    lines.push(paint(`Still in Planhat: end user ${which}; ${how}.`, "warning"));
  }
  return lines;
}

function rememberedLines({ persons, addresses }: ForgetProof["remembered"], shared: number): string[] {
  const also =
    shared === 0
      ? ""
      : ` ${counted(shared, "address", "addresses")} that other persons have too ${shared === 1 ? "is" : "are"} not remembered.`;
  return [
    `Remembered by keyed hashes, so that no run brings them back: ${counted(persons, "id")}, ${counted(addresses, "address", "addresses")}.${also}`,
  ];
}

function rewrittenLines({ tables, left }: ForgetProof["rewritten"], isDone: boolean): string[] {
  if (!isDone) return [];
  return [
    ...(tables.length === 0 ? [] : [`Written anew, without dead copies: ${counted(tables.length, "table")}.`]),
    ...left.map(({ table: name, because }) =>
      paint(`Not written anew: ${name} (${because}). This command again tries it.`, "warning"),
    ),
  ];
}

function leftLines(left: LeftToPeople): string[] {
  const named = (what: string, ids: readonly number[], where: string) =>
    ids.length === 0 ? [] : [`${what} ${ids.join(", ")}: ${where}`];
  const inText = "the text holds the name, an address or a number; change it in Pipedrive, and run `sync --full`";
  return [
    ...named("notes", left.notes, inText),
    ...named(
      "notes",
      left.notes_on_person.filter((id) => !left.notes.includes(id)),
      "they are on this person alone",
    ),
    ...named("deals", left.deals, inText),
    ...named("organizations", left.organizations, inText),
    ...named("persons", left.persons, "another person with the same name or number"),
    ...left.elsewhere.map(
      ({ table: name, rows, ids }) =>
        `${name}: ${counted(rows, "row")}${isRow(name) ? ` of ${ids.slice(0, 10).join(", ")}` : ` (${ids.slice(0, 10).join(", ")})`}`,
    ),
  ];
}

function isRow(name: string): boolean {
  return Object.values(tableOf).some((one) => name === `planhat.${one}`);
}

function sumLine({ done, places }: ForgetProof): string {
  const rows = places.reduce((sum, { removed }) => sum + removed, 0);
  return done
    ? `Done: ${counted(rows, "row")} removed or cleared. A later sync, write or restore does not bring the person back.`
    : `${counted(rows, "row")} removed or cleared; the rest is named above. The same command again goes on.`;
}
