import { Agent, request } from "node:http";
import { streams } from "../connector/pipedrive/records/streams.ts";
import { streamNames } from "../connector/stream-name.ts";

// Receives every page of a first sync, unpacks nothing, parses each with JSON.parse and drops it: the minimum work of
// any connector. Arguments: the account's URL and token, and optionally the only streams to receive. Prints the result
// as JSON. It is a process of its own, so that nothing else is in its heap.
const [, , url, token, ...only] = process.argv;
const agent = new Agent({ keepAlive: true });
const started = performance.now();
const startedCpu = process.cpuUsage();
let [requests, bytes, records] = [0, 0, 0];

interface Page {
  data: { update_time: string | null }[];
  additional_data: { next_cursor?: string | null; pagination?: { more_items_in_collection: boolean } };
}

for (const name of streamNames.filter((stream) => only.length === 0 || only.includes(stream))) {
  for (const { path, query, pageStyle } of streams[name].lists) {
    let place: Record<string, string> = pageStyle === "offset" ? { start: "0" } : {};
    for (;;) {
      const page = JSON.parse(await receive(path, { ...query, limit: "500", ...place })) as Page;
      records += page.data.length;
      const { next_cursor: cursor, pagination } = page.additional_data;
      if (typeof cursor === "string") place = { cursor };
      else if (pagination?.more_items_in_collection === true) place = placeAfter(page, place);
      else break;
    }
  }
}
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage(startedCpu);
const cpuSeconds = (user + system) / 1e6;
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, requests, megabytes: bytes / 1e6, records })}\n`);
agent.destroy();

function receive(path: string, query: Record<string, string>): Promise<string> {
  requests += 1;
  return new Promise((resolve, reject) => {
    const address = `${url}${path}?${new URLSearchParams(query)}`;
    request(address, { agent, headers: { "x-api-token": token! } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        bytes += body.length;
        resolve(body.toString());
      });
    })
      .on("error", reject)
      .end();
  });
}

/**
 * Returns the parameters that continue from the last second of a page, as the connector does: an offset from the start
 * would be slow to serve.
 */
function placeAfter({ data }: Page, place: Record<string, string>): Record<string, string> {
  const last = data.at(-1)!.update_time!;
  const since = `${last.replace(" ", "T")}Z`;
  const rest = data.filter(({ update_time: time }) => time === last).length;
  if (since === place["updated_since"]) return { ...place, start: String(Number(place["start"]) + data.length) };
  return { updated_since: since, start: String(rest) };
}
