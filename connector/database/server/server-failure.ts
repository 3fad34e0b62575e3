import { Failure, type Remedy } from "../../failure.ts";
import { isFull, MissingConnections, missingConnections } from "../connection/connection-supply.ts";
import type { ServerAddress } from "./server-address.ts";

/** An error of `pg`, Node's sockets or TLS. */
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

/** OpenSSL's and Node's codes for a certificate without a trusted issuer. */
const untrusted = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "CERT_UNTRUSTED",
]);

/** Codes of lock conflicts: serialization_failure, deadlock_detected, lock_not_available. */
const inTheWay = new Set(["40001", "40P01", "55P03"]);

/**
 * Turns a server's error into a Failure with a hint if the surroundings caused it (codes: Postgres, appendix A; Node,
 * errors). Returns any other error unchanged.
 */
export function serverFailure(error: unknown, address: ServerAddress): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const { code = "", message } = error as CodedError;
  const { server, database, user } = address;
  const failure = (text: string, hint: string, remedy: Remedy = "change") =>
    new Failure("surroundings", text, { hint, remedy, cause: error });

  const pooler = poolerFailure(message, address, failure);
  if (pooler !== undefined) return pooler;
  const unprotected = tlsFailure(code, message, address, failure);
  if (unprotected !== undefined) return unprotected;
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
      missingGrant(message, address),
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
  if (error instanceof MissingConnections || isFull(error)) return missingConnections(error, address);
  if (/^53|^58/.test(code)) {
    return failure(
      `The database server ${server} failed (${message}).`,
      "Check its log, fix the cause, run it again. Committed work is kept.",
    );
  }
  if (inTheWay.has(code)) {
    return failure(
      `A lock conflict with another session on ${server} ended the transaction (${message}).`,
      "Run it again; committed work is kept. If it recurs, find the session that holds locks: select * from pg_stat_activity.",
      "retry",
    );
  }
  if (code === "57014") {
    return failure(
      `The database server ${server} ended a statement (${message}).`,
      `Run it again; committed work is kept. If the server limits the time of a statement, remove the limit: alter role "${user}" set statement_timeout = 0.`,
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
  if (address.socketFolder !== undefined && (unreachable.has(code) || code === "EACCES")) {
    return failure(
      `No database server can be reached by the Unix socket ${server} (${code}).`,
      `Check the folder in the database URL (${address.socketFolder}), and that a server on this machine has its socket there: show unix_socket_directories.`,
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
      "Run it again; committed work is kept.",
      "retry",
    );
  }
  return error;
}

/** Returns the Failure for a fault of TLS or of a connection without it; undefined for other errors. */
function tlsFailure(
  code: string,
  message: string,
  { server }: ServerAddress,
  failure: (text: string, hint: string) => Failure,
): Failure | undefined {
  if (message.startsWith("The server does not support SSL")) {
    return failure(
      `The database server ${server} does not speak TLS, and the URL demands it.`,
      "Have TLS switched on there (ssl = on), or, on a network that you trust, write sslmode=disable.",
    );
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return failure(
      `The certificate of the database server ${server} is for another name (${message}).`,
      "Write the host as the certificate names it, or, with its authority in sslrootcert=<file>, sslmode=verify-ca.",
    );
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return failure(
      `The certificate of the database server ${server} is not valid today (${message}).`,
      "Have it renewed at the server; look at this machine's date too.",
    );
  }
  if (untrusted.has(code)) {
    return failure(
      `The certificate of the database server ${server} is not trusted (${message}).`,
      "Name the certificate of its authority, or its own where it has none, with sslrootcert=<file> in the URL; sslrootcert=system for one that this system trusts.",
    );
  }
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code) || message.includes("error establishing an SSL connection")) {
    return failure(
      `No connection with TLS could be made to the database server ${server} (${code || message}).`,
      "Check that host and port in the database URL are a Postgres server's; its log may say more.",
    );
  }
  if (/^28/.test(code) && /no encryption|SSL off/.test(message)) {
    return failure(
      `The database server ${server} demands TLS (${message}).`,
      "Add ?sslmode=verify-full to the database URL, with sslrootcert=<file> where its authority is not a public one.",
    );
  }
  return undefined;
}

/** Returns the Failure for a pooler's own error (PgBouncer); undefined for other errors. */
function poolerFailure(
  message: string,
  { server }: ServerAddress,
  failure: (text: string, hint: string, remedy?: Remedy) => Failure,
): Failure | undefined {
  if (message.includes("statement pooling mode")) {
    return failure(
      `The address ${server} is a pooler's (PgBouncer) that pools by statement, and so breaks every transaction apart.`,
      "Have pool_mode = transaction or session set there, or name the Postgres server itself in the database URL.",
    );
  }
  const refused = /unsupported startup parameter: (\w+)/.exec(message)?.[1];
  if (refused !== undefined) {
    return failure(
      `The pooler (PgBouncer) at ${server} refuses the parameter ${refused} of the database URL.`,
      "Take it out of the URL, or add it to ignore_startup_parameters of the pooler.",
    );
  }
  if (message.includes("query_wait_timeout")) {
    return failure(
      `The pooler (PgBouncer) at ${server} had no free connection to the Postgres server for too long (${message}).`,
      "Raise its pool_size: sync needs 2 connections of the server at once, and serve 6. Then run it again.",
      "retry",
    );
  }
  return undefined;
}

/** Returns a hint with the statement that grants the missing right. */
function missingGrant(message: string, { database, user }: ServerAddress): string {
  const schema = /permission denied for schema (\S+)/.exec(message)?.[1];
  const owned = /must be owner of (\w+ \S+)/.exec(message)?.[1];
  const grant = message.includes("temporary tables")
    ? `grant temporary on database "${database}" to "${user}"`
    : schema !== undefined
      ? `grant usage, create on schema ${schema} to "${user}"`
      : owned !== undefined
        ? `alter ${owned} owner to "${user}"`
        : /permission denied for (table|sequence|relation)/.test(message)
          ? `grant all on all tables in schema pipedrive, planhat, connector to "${user}"`
          : `grant create, temporary on database "${database}" to "${user}"`;
  return `Run as a superuser: ${grant}; check names every right that is missing.`;
}
