import type { JsonObject } from "../../mapping/value.ts";
import type { Answer, Client } from "../client/client.ts";
import { walkList } from "../lists/read-pages.ts";
import { type Decoded, decode, type SourceRecord } from "../records/decode.ts";
import { streams } from "../records/streams.ts";

const path = "/api/v2/organizations";
/** The cost of a POST or PATCH (openapi-v2.yaml, `x-token-cost`). */
const writing = { tokens: 5, once: true } as const;

/**
 * Changes fields of an organization and returns it afterwards, from the answer (API v2 sends the whole record). Sent
 * once: throws Unclear if the outcome is unknown, a Refusal if Pipedrive rejected it.
 */
export async function patchOrganization(client: Client, id: number, body: JsonObject): Promise<Decoded> {
  return decoded(await client.patch(`${path}/${id}`, body, writing));
}

/** Creates an organization and returns it. Sent once, as `patchOrganization`. */
export async function postOrganization(client: Client, body: JsonObject): Promise<Decoded> {
  return decoded(await client.post(path, body, writing));
}

/** Reads the id of the newest organization that is not deleted; 0 if there is none. */
export async function newestOrganization(client: Client): Promise<number> {
  const answer = await client.get(
    path,
    { ...newestFirst, limit: 1 },
    { tokens: streams.organizations.lists[0]!.tokens },
  );
  const [newest] = decoded(answer).records;
  return newest?.id ?? 0;
}

/** Reads all organizations that are newer than the one with the given id. */
export async function organizationsAfter(client: Client, id: number): Promise<SourceRecord[]> {
  const [list] = streams.organizations.lists;
  const found: SourceRecord[] = [];
  for await (const page of walkList({ client, stream: "organizations", list: list!, query: newestFirst })) {
    found.push(...page.records.filter((record) => record.id > id));
    if (page.records.some((record) => record.id <= id)) break;
  }
  return found;
}

/** Parameters for the newest first: ids ascend, so that no clock is needed (openapi-v2.yaml, `sort_by`). */
const newestFirst = { sort_by: "id", sort_direction: "desc" };

function decoded(answer: Answer): Decoded {
  return decode("organizations", answer);
}
