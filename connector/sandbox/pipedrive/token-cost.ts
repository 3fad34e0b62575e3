/**
 * Returns the cost of a request in API tokens of the daily budget (`x-token-cost` in openapi-v1.yaml and
 * openapi-v2.yaml; rate limiting page, 2026-09-17): a list costs the same at limit=1 and limit=500. `path` is without
 * the query.
 */
export function tokenCost(method: string, path: string): number {
  const [, version = "v2", rest = ""] = /^\/(?:api\/)?(v1|v2)\/(.*)$/.exec(path) ?? [];
  const isOne = /\/\d+$/.test(rest) || rest === "users/me" || /Fields\/./.test(rest);
  if (version === "v1") {
    if (rest.endsWith("/merge") || rest === "deals/summary") return 40;
    if (rest === "webhooks" && method === "GET") return 10;
    return { GET: isOne ? 2 : 20, DELETE: 6 }[method] ?? 10;
  }
  if (method === "DELETE") return 3;
  if (method !== "GET") return 5;
  if (rest.endsWith("/search")) return 20;
  if (isOne) return 1;
  return { "deals/archived": 20, pipelines: 5, stages: 5 }[rest] ?? 10;
}
