import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../connector/mapping/value.ts";
import type { AccountServer } from "./account-server.ts";

/** The address at which other programs read an account. */
export interface PeerApi {
  url: string;
  /** The requests so far. */
  requests: () => number;
  close(): Promise<void>;
}

/** A field of Pipedrive's API v2. */
interface Field {
  field_code: string;
  field_name: string;
  field_type: string;
  options: unknown;
}

/**
 * Serves an account as tap-pipedrive 2.1 asks for it: with the token in the query, and with the lists of fields of API
 * v1, in the form of `GET /v1/noteFields`. All else is passed on. It waits for nothing, so it costs the peer nothing
 * but a part of the machine.
 */
export async function servePeers({ url, token }: AccountServer): Promise<PeerApi> {
  let requests = 0;
  const headers = { "x-api-token": token };
  const fields = new Map<string, object[]>();

  async function fieldsOf(owner: string): Promise<object[]> {
    const known = fields.get(owner);
    if (known !== undefined) return known;
    const all: object[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const query: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const answer = await fetch(`${url}/api/v2/${owner}Fields?limit=500${query}`, { headers });
      const { data, additional_data } = (await answer.json()) as { data: Field[]; additional_data: JsonObject };
      all.push(...data.map(({ field_code: key, field_name: name, ...rest }) => ({ key, name, ...rest })));
      cursor = (additional_data?.["next_cursor"] as string | null | undefined) ?? null;
    }
    fields.set(owner, all);
    return all;
  }

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    requests++;
    const asked = new URL(incoming.url ?? "/", url);
    asked.searchParams.delete("api_token");
    const owner = /^\/v1\/(deal|person|organization)Fields$/.exec(asked.pathname)?.[1];
    if (owner !== undefined) {
      const all = await fieldsOf(owner);
      const [start, limit] = ["start", "limit"].map((name) => Number(asked.searchParams.get(name))) as [number, number];
      const more = all.length > start + limit;
      const pagination = { start, limit, more_items_in_collection: more, next_start: start + limit };
      const data = all.slice(start, start + limit);
      return send(outgoing, 200, JSON.stringify({ success: true, data, additional_data: { pagination } }));
    }
    const given = await fetch(asked, { headers });
    send(outgoing, given.status, Buffer.from(await given.arrayBuffer()));
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => send(outgoing, 502, String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(outgoing: ServerResponse, status: number, body: string | Buffer): void {
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "x-ratelimit-remaining": "100",
    "x-ratelimit-reset": "2",
  });
  outgoing.end(body);
}
