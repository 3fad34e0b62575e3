import type { Json, JsonObject } from "../../mapping/value.ts";

/**
 * Returns a list as Planhat gives it: `companyId` (a comma list), `sort` (`-name` is descending), `offset`, `limit` and
 * `select` (a comma list; `_id` is always included). No filter by time exists.
 */
export function listPlanhat(
  query: Readonly<Record<string, string>>,
  objects: readonly JsonObject[],
  usualLimit: number,
  largestLimit: number,
): JsonObject[] {
  const companies = query["companyId"] === undefined ? undefined : new Set(query["companyId"].split(","));
  const chosen =
    companies === undefined ? [...objects] : objects.filter(({ companyId }) => companies.has(String(companyId)));
  const sort = /^(-?)(.+)$/.exec(query["sort"] ?? "");
  if (sort !== null) {
    const sign = sort[1] === "-" ? -1 : 1;
    chosen.sort((one, other) => sign * compare(one[sort[2]!], other[sort[2]!]));
  }
  const offset = Number(query["offset"] ?? 0);
  const limit = Math.min(Number(query["limit"] ?? usualLimit), largestLimit);
  const select = query["select"]?.split(",");
  return chosen
    .slice(offset, offset + limit)
    .map((object) =>
      select === undefined
        ? object
        : Object.fromEntries(
            ["_id", ...select].flatMap((name) => (object[name] === undefined ? [] : [[name, object[name]!]])),
          ),
    );
}

function compare(one: Json | undefined, other: Json | undefined): number {
  const [a, b] = [String(one ?? ""), String(other ?? "")];
  return a < b ? -1 : a > b ? 1 : 0;
}
