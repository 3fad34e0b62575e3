import type { AccountCatalog } from "../../account-catalog.ts";
import type { ShownNames } from "../../mapping/compiled-mapping.ts";
import { isFieldedStream } from "../../stream-name.ts";

/** Changed names that rows show, with their ids; null if every record shows the name. */
export interface ChangedNames {
  shown: ShownNames;
  ids: (number | string)[] | null;
}

/** Returns the names that changed between two catalogs of an account, among those that a mapping shows. */
export function changedNames(
  now: AccountCatalog,
  before: AccountCatalog,
  shown: readonly ShownNames[],
): ChangedNames[] {
  return shown.flatMap((one): ChangedNames[] => {
    if (one.names === "domain") return now.companyDomain === before.companyDomain ? [] : [{ shown: one, ids: null }];
    const earlier = namesOf(before, one);
    const ids = [...namesOf(now, one)].flatMap(([id, name]) => {
      const known = earlier.get(id);
      return known === undefined || known === name ? [] : [id];
    });
    return ids.length === 0 ? [] : [{ shown: one, ids }];
  });
}

/** Returns whether any name of the account changed, whatever a mapping shows. */
export function anyNameChanged(now: AccountCatalog, before: AccountCatalog): boolean {
  return changedNames(now, before, allNames(now)).length > 0;
}

function allNames({ fields }: AccountCatalog): ShownNames[] {
  const options = (["deals", "organizations", "persons"] as const).flatMap((stream) =>
    fields[stream].map(({ key, custom }): ShownNames => ({ stream, key, custom, names: "options" })),
  );
  const others = (["users", "pipelines", "stages", "domain"] as const).map(
    (names): ShownNames => ({ stream: "deals", key: "id", custom: false, names }),
  );
  return [...options, ...others];
}

/** Returns the name of each thing, by its id. */
function namesOf(catalog: AccountCatalog, { stream, key, names }: ShownNames): Map<number | string, string> {
  switch (names) {
    case "users":
      return new Map(catalog.users.map(({ id, name, email }) => [id, JSON.stringify([name, email])]));
    case "pipelines":
    case "stages":
      return new Map(catalog[names].map(({ id, name }) => [id, name]));
    case "domain":
      return new Map();
    case "options": {
      const field = isFieldedStream(stream) ? catalog.fields[stream].find((known) => known.key === key) : undefined;
      return new Map((field?.options ?? []).map(({ id, label }) => [id, label]));
    }
  }
}
