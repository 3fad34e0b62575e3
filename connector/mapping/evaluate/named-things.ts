import type { AccountCatalog } from "../../account-catalog.ts";
import type { JsonObject } from "../value.ts";
import type { NamedThing } from "../word-binder.ts";
import type { ReadIds } from "./read-options.ts";
import { readReference } from "./read-shapes.ts";
import type { NamedThings } from "./source.ts";

/** Returns the account's pipelines or stages, deleted ones included, with the reader of a deal's own. */
export function namedThings(what: "pipeline" | "stage", catalog: AccountCatalog): NamedThings {
  const list = `${what}s` as const;
  const named =
    (gone: boolean) =>
    (thing: { id: number; name: string; former?: string[] }): NamedThing => ({
      id: thing.id,
      label: thing.name,
      ...(thing.former === undefined ? {} : { former: thing.former }),
      ...(gone ? { gone } : {}),
    });
  return {
    of: list,
    what,
    where: undefined,
    things: [...catalog[list].map(named(false)), ...(catalog.gone?.[list] ?? []).map(named(true))],
    // A second pipeline of the same name is a different one; a word stands for all stages of that name.
    newcomers: { beside: what === "stage", instead: true },
    readIds: (record) => readOwnId(record, `${what}_id`),
  };
}

function readOwnId(record: JsonObject, key: string): ReadIds {
  const id = readReference(record[key]);
  if (id.state !== "present") return id;
  return { state: "present", ids: [{ id: id.value as number | string }] };
}
