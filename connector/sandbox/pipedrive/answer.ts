import type { Json } from "../../mapping/value.ts";

const jsonType = { "content-type": "application/json; charset=utf-8" };
const comma = Buffer.from(",");

/** Returns an answer with one thing, in the form of both versions: `{success, data}` and the rest. */
export function answerOne(data: Json | Buffer, rest: Record<string, Json> = {}, status = 200): Response {
  const text = Buffer.isBuffer(data) ? data : Buffer.from(JSON.stringify(data));
  return new Response(envelope([text], "", "", rest), { status, headers: jsonType });
}

/** Returns an answer with a list: `{success, data: […], additional_data}` from the JSON texts of its elements. */
export function answerList(elements: readonly Buffer[], additional: Record<string, Json>): Response {
  return new Response(envelope(elements, "[", "]", additional), { headers: jsonType });
}

/** Returns `additional_data` of a v2 list: the last page has null as its cursor. */
export function nextCursor(cursor: string | null): Record<string, Json> {
  return { additional_data: { next_cursor: cursor } };
}

function envelope(
  elements: readonly Buffer[],
  open: string,
  close: string,
  rest: Record<string, Json>,
): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [Buffer.from(`{"success":true,"data":${open}`)];
  for (const [index, element] of elements.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(element);
  }
  const tail = JSON.stringify(rest).slice(1, -1);
  parts.push(Buffer.from(`${close}${tail === "" ? "" : `,${tail}`}}`));
  return Buffer.concat(parts);
}
