import type { ServerUrl } from "../../server-url.ts";
import { filedPassword } from "./password-file.ts";
import { addressOf } from "./server-address.ts";
import { serverTls } from "./server-tls.ts";

const millisecondParameters = [
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "query_timeout",
] as const;

/** Time (ms) to connect, unless `connect_timeout` is set. */
const connectionTimeoutMillis = 15_000;

/**
 * Returns the `pg` connection options of a URL. `pg` gets no URL itself: it would ignore unknown parameters,
 * treat weak TLS modes as stronger ones with a warning, and report missing files as a defect. Throws the Failures of
 * `serverTls`.
 */
export function serverConnection(url: ServerUrl): Record<string, unknown> {
  const { parameters } = url;
  const given = (name: string) => parameters.get(name) || undefined;
  const { user, database } = addressOf(url);
  const connection: Record<string, unknown> = {
    application_name: given("application_name") ?? given("fallback_application_name") ?? "pipedrive-planhat",
    connectionTimeoutMillis:
      given("connect_timeout") === undefined ? connectionTimeoutMillis : Number(given("connect_timeout")) * 1000,
    keepAlive: given("keepalives") !== "0",
    ssl: serverTls(url),
    password: url.password || process.env["PGPASSWORD"] || (() => filedPasswordOf(url)),
  };
  if (user !== "") connection["user"] = user;
  if (database !== "") connection["database"] = database;
  if (url.host !== "") connection["host"] = url.host;
  if (url.port !== "") connection["port"] = Number(url.port);
  if (given("options") !== undefined) connection["options"] = given("options");
  if (given("keepalives_idle") !== undefined) {
    connection["keepAliveInitialDelayMillis"] = Number(given("keepalives_idle")) * 1000;
  }
  if (given("sslnegotiation") !== undefined) connection["sslnegotiation"] = given("sslnegotiation");
  if (/^(prefer|require)$/.test(given("channel_binding") ?? "")) connection["enableChannelBinding"] = true;
  for (const name of millisecondParameters) if (given(name) !== undefined) connection[name] = Number(given(name));
  return connection;
}

async function filedPasswordOf(url: ServerUrl): Promise<string | undefined> {
  const { user, database } = addressOf(url);
  const host = url.host || process.env["PGHOST"] || "localhost";
  return filedPassword({ host, port: url.port || process.env["PGPORT"] || "5432", database, user });
}
