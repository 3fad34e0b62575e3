import { Failure } from "../../failure.ts";
import { isServerUrl, readServerUrl, type ServerUrl } from "../../server-url.ts";

/** The printable parts of a server's URL. */
export interface ServerAddress {
  /** The URL without its password. */
  shown: string;
  /** `host:port`, or the path of a Unix socket. */
  server: string;
  /** The folder of a Unix socket on this machine; undefined for a server on the network. */
  socketFolder: string | undefined;
  database: string;
  user: string;
}

/** Reads a `postgres://` URL. Throws a Failure, which does not repeat the URL, if it is invalid. */
export function parseServerUrl(text: string): ServerUrl {
  const read = readServerUrl(text);
  if (isServerUrl(read)) return read;
  throw new Failure("usage", read.message, { hint: read.hint });
}

/** Returns the printable parts of a URL; missing parts come from libpq's environment variables, as with `pg`. */
export function serverAddress(text: string): ServerAddress {
  return addressOf(parseServerUrl(text));
}

/** Returns the printable parts of a parsed URL. */
export function addressOf(url: ServerUrl): ServerAddress {
  const host = url.host || process.env["PGHOST"] || "localhost";
  const port = url.port || process.env["PGPORT"] || "5432";
  const user = url.user || (process.env["PGUSER"] ?? process.env["USER"] ?? "");
  const socket = host.startsWith("/");
  return {
    shown: url.shown,
    server: socket
      ? `${host.replace(/\/$/, "")}/.s.PGSQL.${port}`
      : `${host.includes(":") ? `[${host}]` : host}:${port}`,
    socketFolder: socket ? host : undefined,
    user,
    database: url.database || (process.env["PGDATABASE"] ?? user),
  };
}
