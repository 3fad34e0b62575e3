import type { Random } from "../../connector/sandbox/account/random.ts";
import type { Sandbox } from "../../connector/sandbox/server.ts";

/** Changes something in Pipedrive, like a user, during reading; nothing that depends on the moment of reading. */
export function changeSomething({ store }: Sandbox, random: Random): void {
  const stream = random.pick(["organizations", "persons", "deals", "notes"] as const);
  const { id } = random.pick(store.find(stream, (entry) => !entry.deleted));
  const word = String(random.integer(1, 1_000_000));
  const changes = {
    organizations: { name: `Renamed ${word}` },
    persons: { name: `Kim ${word}` },
    deals: { title: `Deal ${word}` },
    notes: { content: `<p>${word}</p>` },
  };
  store.update(stream, id as number, changes[stream]);
}

/** Removes names of other records from notes: a note carries the names at its own last change. */
export function withoutNeighbours(found: Record<string, unknown>): Record<string, unknown> {
  const notes = (found["pipedrive.notes"] as { record: object }[]).map((note) => ({
    ...note,
    record: { ...note.record, deal: null, organization: null, person: null },
  }));
  return { ...found, "pipedrive.notes": notes };
}
