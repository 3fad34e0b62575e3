import type { AccountCatalog } from "../account-catalog.ts";
import type { ReadIds } from "./read-options.ts";
import { readReference } from "./read-shapes.ts";
import type { NamedThings } from "./source.ts";
import type { JsonObject } from "./value.ts";
import type { NamedThing } from "./word-binder.ts";

/** The account's pipelines or stages, those that are gone too, and how a deal names its own. */
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
    // A second pipeline of the same name is another one; several stages of a name are one word for all of them.
    newcomers: { beside: what === "stage", instead: true },
    readIds: (record) => readOwnId(record, `${what}_id`),
  };
}

function readOwnId(record: JsonObject, key: string): ReadIds {
  const id = readReference(record[key]);
  if (id.state !== "present") return id;
  return { state: "present", ids: [{ id: id.value as number | string }] };
}
