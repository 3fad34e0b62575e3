import { base } from "./address.ts";
import { send } from "./api.ts";

/** Sends a writing request. Returns the answer's body; undefined if it has none. */
export async function post<Body>(path: string, content: object = {}): Promise<Body> {
  const answer = await send(`${base}api/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(content),
  });
  if (answer.status === 204) return undefined as Body;
  return (await answer.json()) as Body;
}
