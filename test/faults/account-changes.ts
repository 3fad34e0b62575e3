import type { Random } from "../../connector/sandbox/account/random.ts";
import type { Sandbox } from "../../connector/sandbox/server.ts";

/** What people do in Pipedrive while it is read; nothing that depends on when it is read. */
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

/** A note carries the names of its deal, organization and person as they were, and is not changed when these are. */
export function withoutNeighbours(found: Record<string, unknown>): Record<string, unknown> {
  const notes = (found["pipedrive.notes"] as { record: object }[]).map((note) => ({
    ...note,
    record: { ...note.record, deal: null, organization: null, person: null },
  }));
  return { ...found, "pipedrive.notes": notes };
}
