import { Agent, request } from "node:http";

// Sends the objects of one Planhat to another, empty one, in bulk upserts of 5,000, and parses the answers: the least
// work of any connector. Only sending is timed. Arguments: the address of each, and their token. Prints the result as
// JSON.
const [, , from, to, token] = process.argv;
const agent = new Agent({ keepAlive: true });
const paths = ["/companies", "/endusers", "/licenses", "/sales", "/conversations"];
const atOnce = 5_000;

type Thing = Record<string, unknown>;

/** The `_id` of each company in the other Planhat, by the one in the first. */
const companies = new Map<unknown, string>();
let [seconds, cpuSeconds, requests, objects] = [0, 0, 0, 0];
for (const path of paths) {
  const things = await every(path);
  objects += things.length;
  for (let start = 0; start < things.length; start += atOnce) await send(path, things.slice(start, start + atOnce));
  if (path !== "/companies") continue;
  const made = new Map((await every(path, to)).map(({ sourceId, _id }) => [sourceId, String(_id)]));
  for (const { _id, sourceId } of things) companies.set(_id, made.get(sourceId)!);
}
process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds, requests, objects })}\n`);
agent.destroy();

async function every(path: string, where = from): Promise<Thing[]> {
  const things: Thing[] = [];
  for (let offset = 0; ; offset += 2_000) {
    const page = JSON.parse(await ask("GET", `${where}${path}?limit=2000&offset=${offset}`)) as Thing[];
    if (page.length === 0) return things;
    things.push(...page);
  }
}

async function send(path: string, things: readonly Thing[]): Promise<void> {
  const bodies = things.map(({ _id, createdAt, updatedAt, companyId, ...thing }) =>
    companyId === undefined ? thing : { ...thing, companyId: companies.get(companyId) },
  );
  const started = performance.now();
  const startedCpu = process.cpuUsage();
  const { created } = JSON.parse(await ask("PUT", `${to}${path}`, JSON.stringify(bodies))) as { created: number };
  seconds += (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(startedCpu);
  cpuSeconds += (user + system) / 1e6;
  requests++;
  if (created !== things.length) throw new Error(`${path}: ${created} of ${things.length} were created.`);
}

function ask(method: string, address: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    request(address, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${method} ${address}: ${response.statusCode} ${text.slice(0, 500)}`));
      });
    })
      .on("error", reject)
      .end(body);
  });
}
