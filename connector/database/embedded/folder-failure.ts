import { Failure } from "../../failure.ts";
import { DeadPostgres } from "./dead-postgres.ts";
import { foreignFileFailure } from "./folder-owner.ts";
import { tryRoom } from "./folder-room.ts";

/** Bytes that Postgres must be able to write at any time: one segment of its log. */
const roomBytes = 16 * 1024 * 1024;

const damagedHint =
  "Restore a copy of the folder, or move it away: the next sync creates a new one and fetches everything again.";

/**
 * Turns an error of the surroundings, from the embedded database or its folder, into a Failure with a hint; returns any
 * other error unchanged. The codes are Node's, and Postgres's (appendix A). `folder` holds the data, if it is not the
 * location that the user named.
 */
export function folderFailure(error: unknown, location: string, folder = location): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  if (error instanceof DeadPostgres) return deadFailure(error, location, folder);
  const { code, message } = error as NodeJS.ErrnoException;
  const failure = (text: string, hint: string) => new Failure("surroundings", text, { hint, cause: error });
  switch (code) {
    case "EACCES":
    case "EPERM":
      return (
        foreignFileFailure(location, folder) ??
        failure(
          `The database folder ${location} cannot be read and written by this user (${code}).`,
          "Change its owner or its rights (chmod u+rwx), or name another folder as `database`.",
        )
      );
    // Postgres's code for EACCES.
    case "42501":
      return foreignFileFailure(location, folder) ?? error;
    case "EROFS":
      return failure(
        `The database folder ${location} is on a read-only file system.`,
        "Name a folder that can be written as `database`.",
      );
    case "EEXIST":
    case "ENOTDIR":
      return failure(`${location} is a file, and \`database\` must be a folder.`, "Name another folder as `database`.");
    case "ENOSPC":
    case "EDQUOT":
    case "53100":
      return failure(
        `The disk with the database folder ${location} is full.`,
        "Make room and run it again; committed work is kept.",
      );
    case "EIO":
    case "58030":
      return failure(
        `The disk with the database folder ${location} cannot be read or written (${message}).`,
        "Check the disk and the system log, fix the cause, run it again.",
      );
    case "XX001":
    case "XX002":
      return failure(`The database in the folder ${location} is damaged (${message}).`, damagedHint);
    default:
      return error;
  }
}

/** Returns the Failure for a folder's database that cannot be started: a fault of the disk, or a damaged folder. */
export function startFailure(error: unknown, location: string, folder: string): Failure {
  const explained = folderFailure(tryRoom(folder, roomBytes) ?? error, location, folder);
  if (explained instanceof Failure) return explained;
  const foreign = foreignFileFailure(location, folder);
  if (foreign !== undefined) return foreign;
  const text = `The database in the folder ${location} is damaged and cannot be opened (${firstSentence(error)}).`;
  return new Failure("surroundings", text, { hint: damagedHint, cause: error });
}

function deadFailure(error: DeadPostgres, location: string, folder: string): unknown {
  // Postgres dies without a reason, so test whether its folder can be written.
  const disk = tryRoom(folder, roomBytes);
  const explained = disk === undefined ? foreignFileFailure(location, folder) : folderFailure(disk, location, folder);
  // The cause tells later callers that Postgres is gone.
  if (explained instanceof Failure) {
    return new Failure(explained.kind, explained.message, { hint: explained.hint, cause: error });
  }
  const text = `The database in the folder ${location} stopped in the middle of its work (${firstSentence(error)}).`;
  return new Failure("surroundings", text, {
    hint: "Run it again; committed work is kept. If it recurs, restore a copy of the folder, or move it away.",
    cause: error,
  });
}

function firstSentence(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split(/\.(?:\s|$)/)[0]!;
}
