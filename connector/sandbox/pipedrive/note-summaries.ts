import type { Json } from "../../mapping/value.ts";
import type { Entry } from "../store/entry.ts";
import type { Store } from "../store/store.ts";

/**
 * Returns the JSON text of a note with the summaries of the records it is attached to, as v1 gives it. Names are the
 * present ones, so they are read when the note is served and never stored with it.
 */
export function renderNote(store: Store, note: Entry): Buffer {
  const user = store.users.find(({ id }) => id === note.owner);
  const summaries = {
    organization: named(store, "organizations", note.organization, "name"),
    person: named(store, "persons", note.person, "name"),
    deal: named(store, "deals", note.deal, "title"),
    lead: null,
    user:
      user === undefined
        ? null
        : { email: user["email"] ?? null, icon_url: null, is_you: user["is_you"] ?? false, name: user["name"] ?? null },
  };
  // The note's own text is spliced, not parsed: it may hold values that JSON.parse would change.
  return Buffer.concat([note.text.subarray(0, -1), Buffer.from(`,${JSON.stringify(summaries).slice(1)}`)]);
}

function named(
  store: Store,
  stream: "organizations" | "persons" | "deals",
  id: Json,
  key: "name" | "title",
): Record<string, Json> | null {
  const entry = typeof id === "number" ? store.collections[stream].get(id) : undefined;
  return entry === undefined ? null : { [key]: entry.name };
}
