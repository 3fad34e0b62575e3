import { Failure } from "../failure.ts";

/** A server's URL in the parts that may be shown to people. */
export interface ServerAddress {
  /** The URL without its password. */
  shown: string;
  /** `host:port` */
  server: string;
  database: string;
  user: string;
}

/** Takes a `postgres://` URL apart. Throws a Failure, which does not repeat the URL, when it is none. */
export function serverAddress(text: string): ServerAddress {
  let url: URL;
  let user: string;
  let database: string;
  try {
    url = new URL(text);
    user = decodeURIComponent(url.username);
    database = decodeURIComponent(url.pathname.slice(1));
    // A password with an unescaped / or # ends the host early, and its rest would be shown as the database.
    if (text.includes("#") || database.includes("@")) throw new Error("ambiguous");
  } catch {
    throw new Failure("usage", "The database URL cannot be read.", {
      hint: "It is postgres://user:password@host:5432/database; characters such as @ / # % in the password are written %40 %2F %23 %25.",
    });
  }
  url.password = "";
  for (const name of [...url.searchParams.keys()]) if (/password/i.test(name)) url.searchParams.delete(name);
  const host = url.searchParams.get("host") ?? url.hostname;
  return {
    shown: url.href,
    server: `${host || "localhost"}:${url.searchParams.get("port") ?? (url.port || "5432")}`,
    user: user || (process.env["PGUSER"] ?? process.env["USER"] ?? ""),
    database: database || (process.env["PGDATABASE"] ?? user),
  };
}
