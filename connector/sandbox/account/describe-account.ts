import type { InventedAccount } from "./account.ts";

/**
 * Returns the lines to show at the sandbox's start: the account's contents and, with `server`, its addresses. `url` is
 * the server's address without a path, `token` its token; `planhat` has those of the local Planhat.
 */
export function describeAccount(
  account: InventedAccount,
  server?: { url: string; token: string; planhat?: { url: string; token: string } },
): string[] {
  const { organizations, persons, deals, notes } = account.sizes;
  const count = (number: number) => number.toLocaleString("en-US");
  const where = server === undefined ? [] : [`company_url  ${server.url}`, `api_token    ${server.token}`];
  const planhat =
    server?.planhat === undefined
      ? []
      : ["planhat:", `  api_url    ${server.planhat.url}`, `  api_token  ${server.planhat.token}`];
  const names = account.pipelines.map((pipeline) => pipeline["name"]).join(", ");
  return [
    ...where,
    ...planhat,
    `account      ${account.company["company_name"]}, invented (seed ${account.seed})`,
    `records      ${count(organizations)} organizations, ${count(persons)} persons, ${count(deals)} deals, ${count(notes)} notes`,
    `pipelines    ${names}`,
    ...(server === undefined ? [] : [`time zone    ${account.timeZone}`]),
  ];
}
