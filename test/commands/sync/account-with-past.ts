import type { Sandbox } from "../../../connector/sandbox/server.ts";
import { emptyAccount, type SandboxSync, sandboxSync } from "../../sandbox-sync.ts";

const startDate = "2025-01-01T00:00:00Z";

/**
 * Creates an account with a past: records created before `enterPresent` were last updated years before the start date.
 */
export async function withPast(kind: "embedded" | "server") {
  let now = new Date("2019-05-01T10:00:00Z");
  const setting = await sandboxSync(kind, { ...emptyAccount, clock: () => now });
  setting.configure(`start_date: "${startDate}"\n`);
  return {
    ...setting,
    enterPresent: () => {
      now = new Date("2026-11-10T12:00:00Z");
    },
    pass: (hours: number) => {
      now = new Date(now.getTime() + hours * 3_600_000);
    },
  };
}

/** Creates an old customer: an organization, its person, another person elsewhere, and a note on each. */
export function oldCustomer({ store }: Sandbox) {
  const idOf = (record: { [key: string]: unknown }) => record["id"] as number;
  const organization = idOf(store.create("organizations", { name: "Old & Sons" }));
  const person = idOf(store.create("persons", { name: "Olga Old", org_id: organization }));
  const elsewhere = idOf(store.create("persons", { name: "Ed Elsewhere" }));
  const notes = [
    idOf(store.create("notes", { content: "on the organization", org_id: organization })),
    idOf(store.create("notes", { content: "on the person", person_id: person })),
    idOf(store.create("notes", { content: "on the other", person_id: elsewhere })),
  ];
  return { organization, person, elsewhere, notes };
}

/** Returns the Pipedrive ids in a table, in ascending order. */
export async function sourceIds(setting: SandboxSync, table: string): Promise<number[]> {
  const rows = await setting.look<{ id: string }>(`select source_id as id from planhat.${table} order by id`);
  return rows.map(({ id }) => Number(id)).sort((one, other) => one - other);
}
