import type { AccountCatalog } from "../../account-catalog.ts";
import type { FieldReference, RecordContext, RelatedStream, ShownNames } from "../compiled-mapping.ts";
import type { Json, JsonObject } from "../value.ts";

/**
 * The records whose names a note embeds, by the key in the note: the key of their id, and of the name in note and
 * record.
 */
const related: Readonly<
  Record<
    string,
    { stream: RelatedStream; id: string; name: string; of: Exclude<keyof RecordContext, "products"> } | undefined
  >
> = {
  organization: { stream: "organizations", id: "org_id", name: "name", of: "organization" },
  person: { stream: "persons", id: "person_id", name: "name", of: "person" },
  deal: { stream: "deals", id: "deal_id", name: "title", of: "deal" },
};

/** The names that a note embeds under one key, brought up to date. */
export interface EmbeddedNames {
  /** The further fields that this reads. */
  reads: FieldReference[];
  /** The account's names among them; the names of records change with the records. */
  shows?: ShownNames;
  /** Returns the note with the present names of the records it is attached to, as far as they are known. */
  renew(note: JsonObject, context: RecordContext): JsonObject;
}

/**
 * Finds the present names for those that a note embeds under a key; undefined for other keys. Pipedrive puts the names
 * of a note's deal, organization, person and user into it at each read. A rename does not touch the note, so the names
 * it came with may be out of date.
 */
export function embeddedNames(key: string, catalog: AccountCatalog | undefined): EmbeddedNames | undefined {
  if (key === "user") return ofUsers(catalog);
  const other = Object.hasOwn(related, key) ? related[key] : undefined;
  if (other === undefined) return undefined;
  const { stream, id, name, of } = other;
  return {
    reads: [
      { stream: "notes", key: id, custom: false },
      { stream, key: name, custom: false },
    ],
    renew: (note, context) => renewed(note, key, { [name]: context[of]?.[name] }),
  };
}

function ofUsers(catalog: AccountCatalog | undefined): EmbeddedNames {
  const users = new Map((catalog?.users ?? []).map((user) => [user.id, user]));
  const user: FieldReference = { stream: "notes", key: "user_id", custom: false };
  return {
    reads: [user],
    shows: { ...user, names: "users" },
    renew(note) {
      const user = users.get(Number(note["user_id"]));
      return user === undefined ? note : renewed(note, "user", { name: user.name, email: user.email });
    },
  };
}

function renewed(note: JsonObject, key: string, names: Readonly<Record<string, Json | undefined>>): JsonObject {
  const held = note[key];
  if (held === null || typeof held !== "object" || Array.isArray(held)) return note;
  const known = Object.entries(names).filter((entry): entry is [string, Json] => entry[1] !== undefined);
  return { ...note, [key]: { ...held, ...Object.fromEntries(known) } };
}
