import type { Json, JsonObject } from "../mapping/value.ts";
import { didYouMean, nearestWord } from "../text/nearest-word.ts";
import type { SchemaFault } from "./schema-faults.ts";

/** Ways out for keys whose faults have one remedy, by the path of the key. */
const remedies: Readonly<Record<string, string>> = {
  company_url: "Write the address that the browser shows in Pipedrive: company_url: https://acme.pipedrive.com.",
  api_token: "In Pipedrive: Personal preferences > API. Write it as api_token: ${PIPEDRIVE_API_TOKEN}.",
  database: "Write a folder, as database: ./planhat-data, or the postgres:// URL of a server.",
  "planhat.api_token": "Write it as api_token: ${PLANHAT_API_TOKEN}; it is made in Planhat's settings.",
  smtp: "Write smtp: {host: smtp.acme.example, from: sync@acme.example}; `username` and `password` if it wants a login.",
  "console.users": "Write one line for each, as - {name: ana, password: ${ANA_PASSWORD}, role: editor}.",
  start_date: "Write a day that there is and a time, as start_date: 2024-01-31T00:00:00Z.",
  brake: "Write brake: {share: 0.5, rows: 100}, or brake: off for none.",
  "brake.share": "It is a part of a model's rows: 0.5 is half of them.",
  "brake.rows": "It is a whole number of rows, such as 100.",
  "retention.kept_rows": "Rows belong to Planhat, and no run removes them; `undo --created` does.",
};

/** Returns the way out of a key that is missing or empty; nothing for a key whose fault says it all. */
export function keyRemedy(key: string): { hint?: string } {
  const hint = Object.hasOwn(remedies, key) ? remedies[key] : undefined;
  return hint === undefined ? {} : { hint };
}

/** Returns the way out of a fault of a key, whose value is `value`; nothing where its message says it all. */
export function faultHint({ path, keyword, demands }: SchemaFault, value: Json | undefined): { hint?: string } {
  const key = (keyword === "required" ? [...path, String(demands)] : path).join(".");
  if (key === "api_token" && typeof value === "number") return { hint: "Put quotation marks around it." };
  if (path[0] === "retention" && path[1] !== "kept_rows")
    return { hint: "Write a number of days, as retention: {rejected: 90d}, or never." };
  if (keyword !== "enum" || typeof value !== "string") return keyRemedy(key);
  const near = nearestWord(value, demands as readonly string[]);
  return near === undefined ? {} : { hint: didYouMean(value, near) };
}

/** Returns what is wrong with a Pipedrive token whose variables are replaced, beyond its being empty. */
export function tokenRules(document: JsonObject): { path: string[]; message: string; hint: string }[] {
  const { api_token: token } = document;
  if (typeof token !== "string") return [];
  const path = ["api_token"];
  if (/^\$(\w+$|\{[^}]*$)/.test(token)) {
    return [
      {
        path,
        message: "`api_token` begins like a variable, and is none.",
        hint: "Variables are written with both braces: api_token: ${PIPEDRIVE_API_TOKEN}.",
      },
    ];
  }
  if (/^(['"]).*\1$/s.test(token)) {
    return [{ path, message: "`api_token` is in quotation marks twice.", hint: "Leave out the inner ones." }];
  }
  return [];
}
