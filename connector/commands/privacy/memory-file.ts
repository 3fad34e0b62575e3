import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { ForgottenEntry } from "../../database/tables/forgotten.ts";
import { Failure } from "../../failure.ts";
import type { Json } from "../../mapping/value.ts";

/** The file beside the config that remembers who was forgotten, so that no older backup brings anybody back. */
export const memoryFileName = "forgotten.json";

/** Returns the path of the memory of a config. */
export function memoryFile(config: string): string {
  return join(dirname(resolve(config)), memoryFileName);
}

/** Reads the memory beside a config; empty without the file. Throws a Failure for a file of another kind. */
export async function readMemoryFile(config: string): Promise<ForgottenEntry[]> {
  const path = memoryFile(config);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Failure("surroundings", `The memory of forgotten persons, ${path}, could not be read.`, { cause: error });
  }
  const entries = entriesOf(text);
  if (entries !== undefined) return entries;
  throw new Failure("usage", `${path} is no memory of forgotten persons: it holds no list of hashes.`, {
    hint: "Bring the file back as `forget` wrote it: without it a restore would bring forgotten persons back.",
  });
}

/** Adds entries to the memory beside a config, in a new file that takes the old one's place. */
export async function writeMemoryFile(config: string, entries: readonly ForgottenEntry[]): Promise<void> {
  const all = new Map<string, ForgottenEntry>();
  for (const one of [...(await readMemoryFile(config)), ...entries]) {
    const { kind, hash, key, since } = one;
    if (!all.has(`${kind} ${hash}`)) all.set(`${kind} ${hash}`, { kind, hash, key, since });
  }
  const path = memoryFile(config);
  const next = `${path}.${process.pid}`;
  await writeFile(next, `${JSON.stringify([...all.values()], null, 1)}\n`, { mode: 0o600 });
  await chmod(next, 0o600);
  await rename(next, path);
}

function entriesOf(text: string): ForgottenEntry[] | undefined {
  try {
    const found = JSON.parse(text) as Json;
    if (!Array.isArray(found)) return undefined;
    const isEntry = (one: Json) =>
      one !== null &&
      typeof one === "object" &&
      !Array.isArray(one) &&
      ["person", "email"].includes(String(one["kind"])) &&
      /^[0-9a-f]{64}$/.test(String(one["hash"])) &&
      /^[0-9a-f]{64}$/.test(String(one["key"])) &&
      !Number.isNaN(Date.parse(String(one["since"])));
    return found.every(isEntry) ? (found as unknown as ForgottenEntry[]) : undefined;
  } catch {
    return undefined;
  }
}
