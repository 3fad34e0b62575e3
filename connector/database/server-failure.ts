import { Failure, type Remedy } from "../failure.ts";
import type { ServerAddress } from "./server-address.ts";

/** What an error of `pg`, Node's sockets or TLS carries. */
interface CodedError extends Error {
  code?: string;
}

const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "ENOENT",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EPIPE",
]);

const untrusted = new Set([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** serialization_failure, deadlock_detected, lock_not_available. */
const inTheWay = new Set(["40001", "40P01", "55P03"]);

/**
 * An error of a server as a sentence with the way out, where the surroundings are what is wrong (codes: Postgres,
 * appendix A; Node, errors). Any other error is returned as it is.
 */
export function serverFailure(error: unknown, address: ServerAddress): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const { code = "", message } = error as CodedError;
  const { server, database, user } = address;
  const failure = (text: string, hint: string, remedy: Remedy = "change") =>
    new Failure("surroundings", text, { hint, remedy, cause: error });

  if (message.startsWith("The server does not support SSL")) {
    return failure(
      `The database server ${server} does not speak TLS, and the URL demands it.`,
      "Take sslmode out of the URL, or write sslmode=disable.",
    );
  }
  if (untrusted.has(code)) {
    return failure(
      `The certificate of the database server ${server} is not trusted (${message}).`,
      "Name its authority with sslrootcert=<file> in the URL, or write sslmode=no-verify to do without the check.",
    );
  }
  if (/^28/.test(code) && /no encryption|SSL off/.test(message)) {
    return failure(
      `The database server ${server} demands TLS (${message}).`,
      "Add ?sslmode=require to the database URL.",
    );
  }
  if (code === "28P01" || message.includes("client password must be a string")) {
    return failure(
      `The database server ${server} refused the password of user "${user}".`,
      "Check user and password in the database URL; characters such as @ / # % in the password are written %40 %2F %23 %25.",
    );
  }
  if (/^28/.test(code)) {
    return failure(
      `The database server ${server} refused user "${user}" (${message}).`,
      "Ask who runs the server for access, or name another user in the database URL.",
    );
  }
  if (code === "3D000") {
    return failure(
      `There is no database "${database}" on the server ${server}.`,
      `Create it (createdb ${database}), or name an existing one in the database URL.`,
    );
  }
  if (code === "42501") {
    return failure(
      `User "${user}" lacks a right on the database "${database}" (${message}).`,
      `Run as a superuser: grant create, temporary on database "${database}" to "${user}"; tables made by another user are that user's to grant.`,
    );
  }
  if (code === "25006") {
    return failure(
      `The database "${database}" on ${server} is read-only (${message}).`,
      "Use the primary server's address.",
    );
  }
  if (code === "53100") {
    return failure(`The disk of the database server ${server} is full (${message}).`, "Make room and run it again.");
  }
  if (code === "53300") {
    return failure(
      `The database server ${server} has no free connection (${message}).`,
      "Close other programs' connections or raise max_connections, then run it again.",
      "retry",
    );
  }
  if (/^53|^58/.test(code)) {
    return failure(
      `The database server ${server} is in trouble (${message}).`,
      "Its log says more. Run it again when that is mended; what was committed is kept, and the rest is done then.",
    );
  }
  if (inTheWay.has(code)) {
    return failure(
      `Another session on the database server ${server} was in the way (${message}).`,
      "Run it again; what was committed is kept, and the rest is done then. If it comes again, see who holds locks: select * from pg_stat_activity.",
      "retry",
    );
  }
  if (code === "57014") {
    return failure(
      `The database server ${server} ended a statement (${message}).`,
      `Run it again; what was committed is kept. If the server limits how long a statement may take, lift that: alter role "${user}" set statement_timeout = 0.`,
      "retry",
    );
  }
  if (code === "57P03") {
    return failure(
      `The database server ${server} is starting or stopping (${message}).`,
      "Run it again in a moment.",
      "retry",
    );
  }
  if (unreachable.has(code) || /timeout expired|^timeout exceeded/.test(message)) {
    return failure(
      `The database server ${server} cannot be reached (${code || message}).`,
      "Check host and port in the database URL, and that the server runs and accepts connections from here.",
      "retry",
    );
  }
  if (/^08|^57P/.test(code) || /\bConnection (terminated|ended)|not queryable/.test(message)) {
    return failure(
      `The connection to the database server ${server} was lost (${message}).`,
      "Run it again; what was committed is kept, and the rest is done then.",
      "retry",
    );
  }
  return error;
}
