import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";

/**
 * Returns the processor seconds that a Postgres server on this machine has used so far, with all its processes.
 * Sessions count once they have ended. Undefined if not visible: another machine, no /proc, no right to read its
 * folder's name.
 */
export async function serverProcessorTime(url: string): Promise<number | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ folder: string }>("select current_setting('data_directory') as folder");
    const [postmaster] = readFileSync(join(rows[0]!.folder, "postmaster.pid"), "utf8").split("\n");
    const family = readdirSync("/proc").filter(
      (pid) => pid === postmaster || (/^\d+$/.test(pid) && statOf(pid)?.parent === postmaster),
    );
    return family.reduce((sum, pid) => sum + (statOf(pid)?.seconds ?? 0), 0);
  } catch {
    return undefined;
  } finally {
    await client.end();
  }
}

/** Returns the processor seconds of this process and of all its ended children; 0 without /proc. */
export function ownProcessorTime(): number {
  return statOf("self")?.seconds ?? 0;
}

/** Returns a process's parent, and its processor time with that of its ended children. */
function statOf(pid: string): { parent: string; seconds: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
    const [user, system, childrenUser, childrenSystem] = fields.slice(11, 15).map(Number);
    return { parent: fields[1]!, seconds: (user! + system! + childrenUser! + childrenSystem!) / 100 };
  } catch {
    return undefined;
  }
}
