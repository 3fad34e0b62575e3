import { hostname } from "node:os";
import type { Config } from "../config/config.ts";
import { isServer } from "../is-server.ts";
import type { JsonObject } from "../mapping/value.ts";
import { isServerUrl, readServerUrl } from "../server-url.ts";
import type { DeliveryPatience } from "./deliver.ts";
import type { Limits } from "./delivery.ts";

/** The names of both sides, and the way to the collector of events. */
export interface LineageTold {
  place: { pipedrive: string; database: { namespace: string; prefix: string } };
  /** Sends an event. Whatever goes wrong is a warning. */
  send(event: JsonObject): Promise<void>;
}

/** A run does not wait long for who only listens. */
const patience: DeliveryPatience = { total: 10_000, longestTry: 5_000, firstPause: 500 };

/** A run that somebody stops tells its end all the same, but whoever stops it waits for that. */
const lastWord: DeliveryPatience = { total: 2_000, longestTry: 2_000, firstPause: 500 };

/** Returns `lineage` for the request of a run: events of OpenLineage, if the config names who collects them. */
export function withLineage(
  { lineage, company_url, database }: Config,
  { warn, signal }: { warn: (message: string) => void; signal: AbortSignal },
): { lineage?: LineageTold } {
  if (lineage === undefined) return {};
  const { url, api_key: key } = lineage;
  const pipedrive = `pipedrive://${new URL(company_url.includes("://") ? company_url : `https://${company_url}`).host}`;
  return {
    lineage: {
      place: { pipedrive, database: tablesIn(database) },
      async send(event) {
        try {
          const { untilTaken } = await import("./deliver.ts");
          const { postJson } = await import("./deliver-webhook.ts");
          const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
          const letter = { url, headers, body: JSON.stringify(event), format: "json" } as const;
          const stopped = signal.aborted;
          const post = (limits: Limits) => postJson(letter, limits);
          const delivery = await untilTaken(post, stopped ? undefined : signal, stopped ? lastWord : patience);
          if (!delivery.taken) warn(`An event of OpenLineage is lost: ${new URL(url).host} ${delivery.answer}.`);
        } catch (error) {
          if (!signal.aborted) warn(`An event of OpenLineage is lost: ${(error as Error).message}`);
        }
      },
    },
  };
}

/** Returns the names of tables as OpenLineage has them: of a server by host and port, of a folder by its path. */
function tablesIn(location: string): LineageTold["place"]["database"] {
  const url = isServer(location) ? readServerUrl(location) : undefined;
  if (url === undefined || !isServerUrl(url)) return { namespace: `file://${hostname()}`, prefix: `${location}/` };
  return { namespace: `postgres://${url.host || "localhost"}:${url.port || "5432"}`, prefix: `${url.database}.` };
}
