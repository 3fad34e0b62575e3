import type { Account } from "./account.ts";

/**
 * The lines to show when a sandbox has started: what the account holds, and where it answers if `server` says so.
 * `url` is the server's address without a path, `token` what it accepts; `planhat` the same of the local Planhat.
 */
export function describeAccount(
  account: Account,
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
