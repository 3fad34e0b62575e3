import { Hono } from "hono";
import { type FirstFile, type TriedTenant, usualPlanhat } from "../../commands/init/first-files.ts";
import { planFirst } from "../../commands/init/first-plan.ts";
import { type AccountLook, lookAtAccount, namingDates } from "../../commands/init/look-at-account.ts";
import { SetUp, usualDatabase } from "../../commands/init/set-up.ts";
import { findTenant, tryTenant } from "../../commands/init/try-tenant.ts";
import type { RevenueKind } from "../../model-name.ts";
import { readCatalog } from "../../pipedrive/account/account.ts";
import type { Summary } from "../../sync/summary.ts";
import { answer } from "../answer.ts";
import { body, type Given, objectOf } from "../checked-input.ts";
import type { ConsoleEnv, ConsoleHost } from "../console-host.ts";
import { log, needs } from "../guard.ts";

/** An account that answered, and what people choose from. */
export interface FirstAccountAnswer extends AccountLook {
  company: string;
  domain: string | null;
  /** The user whose token it is. */
  user: string;
  isAdmin: boolean;
  /** The database, as a phrase. */
  database: string;
}

/** A Planhat tenant that answered. */
export interface FirstTenantAnswer {
  kind: RevenueKind;
  /** Its host, models and rights, as a phrase. */
  found: string;
}

/** The first sync as `plan` counts it. */
export type FirstPlanAnswer = Pick<Summary, "streams" | "models" | "requests" | "seconds"> & {
  /** Rejections of rows and records. */
  rejected: number;
};

/** The files that were written. */
export interface FirstFilesAnswer {
  files: Pick<FirstFile, "file" | "action">[];
  mappings: { file: string; action: string }[];
}

interface SignInBody {
  company_url: string;
  api_token: string;
  database?: string;
}

interface AnswersBody extends SignInBody {
  planhat?: { api_token: string; api_url?: string };
  deals?: { pipelines: (string | number)[]; start_date?: string };
}

const text = { type: "string", minLength: 1, maxLength: 500 };
const signIn = { company_url: text, api_token: text, database: text };
const planhat = objectOf({ api_token: text, api_url: text }, ["api_token"]);
const deals = objectOf(
  {
    pipelines: { type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] }, maxItems: 1000 },
    start_date: text,
  },
  ["pipelines"],
);
const needed = ["company_url", "api_token"];

/**
 * Adds the routes of the first hour: the answers of `init`, tried one after the other, and written together. They work
 * only as long as there is no config. No answer holds a token.
 */
export function firstHourRoutes(host: ConsoleHost) {
  const options = { config: host.configFile, logLevel: "error", logFormat: "text" } as const;
  const { closed } = host.live;
  /** Tries everything that was answered, and decides what the files hold. */
  const plan = async (given: Given<AnswersBody>) => {
    const setUp = new SetUp(options, closed);
    const signed = await setUp.signIn(given.company_url, given.api_token.trim());
    const tenant = given.planhat === undefined ? undefined : await findTenant(tenantOf(given.planhat), closed);
    const answers = {
      ...signed.answers,
      database: given.database ?? usualDatabase,
      ...(tenant === undefined ? {} : { tenant }),
      ...chosenDeals(given.deals),
    };
    const placed = await setUp.place(answers, signed.account);
    const catalog = await readCatalog(placed.opened.client);
    const files = setUp.plan(answers, catalog);
    if (tenant !== undefined) await tryTenant(tenant, setUp.compile(files.mapping, catalog), closed);
    return { setUp, account: signed.account, files, ...placed };
  };
  const routes = new Hono<ConsoleEnv>();
  return routes
    .post("/first-hour/account", needs("editor"), body<SignInBody>(objectOf(signIn, needed)), async (context) => {
      const given = context.req.valid("json");
      const setUp = new SetUp(options, closed);
      const { answers, account } = await setUp.signIn(given.company_url, given.api_token.trim());
      const placed = { ...answers, database: given.database ?? usualDatabase };
      const { opened, found } = await setUp.place(placed, account);
      const catalog = await readCatalog(opened.client);
      const files = setUp.plan(answers, catalog).mapping;
      const mapping = setUp.compile(namingDates(files, catalog), catalog);
      return answer<FirstAccountAnswer>(context, {
        ...(await lookAtAccount(opened.client, catalog, mapping)),
        company: account.companyName,
        domain: account.companyDomain,
        user: account.user.name,
        isAdmin: account.user.isAdmin,
        database: found,
      });
    })
    .post(
      "/first-hour/tenant",
      needs("editor"),
      body<AnswersBody>(objectOf({ ...signIn, planhat }, [...needed, "planhat"])),
      async (context) => {
        const given = context.req.valid("json");
        const setUp = new SetUp(options, closed);
        const tenant = await findTenant(tenantOf(given.planhat!), closed);
        const { answers } = await setUp.signIn(given.company_url, given.api_token.trim());
        const catalog = await readCatalog((await setUp.open(answers)).client);
        const { mapping } = setUp.plan({ ...answers, tenant }, catalog);
        const found = await tryTenant(tenant, setUp.compile(mapping, catalog), closed);
        return answer<FirstTenantAnswer>(context, { kind: tenant.kind, found });
      },
    )
    .post(
      "/first-hour/plan",
      needs("editor"),
      body<AnswersBody>(objectOf({ ...signIn, planhat, deals }, needed)),
      async (context) => {
        const { opened, account, files } = await plan(context.req.valid("json"));
        const asked = { opened, account, mapping: files.mapping };
        const { streams, models, requests, seconds } = await planFirst(asked, { ...options, wait: 0 }, closed);
        const rejected = [...Object.values(streams), ...Object.values(models)].reduce(
          (sum, counts) => sum + counts.rejected,
          0,
        );
        return answer<FirstPlanAnswer>(context, { streams, models, requests, seconds, rejected });
      },
    )
    .post(
      "/first-hour/write",
      needs("editor"),
      body<AnswersBody>(objectOf({ ...signIn, planhat, deals }, needed)),
      async (context) => {
        const { setUp, files } = await plan(context.req.valid("json"));
        setUp.write(files);
        await host.restart?.();
        await log(host, context.var.person.name, { action: "init", subject: setUp.folder });
        host.live.tell("settings", null);
        return answer<FirstFilesAnswer>(context, {
          files: files.files.map(({ file, action }) => ({ file, action })),
          mappings: files.starters.map(({ file, action }) => ({ file, action })),
        });
      },
    );
}

function tenantOf({ api_token: token, api_url: apiUrl = usualPlanhat }: NonNullable<AnswersBody["planhat"]>) {
  return { token: token.trim(), apiUrl } satisfies Omit<TriedTenant, "kind">;
}

function chosenDeals(given: AnswersBody["deals"]) {
  if (given === undefined || (given.pipelines.length === 0 && given.start_date === undefined)) return {};
  const { pipelines, start_date: startDate } = given;
  return { deals: { pipelines, ...(startDate === undefined ? {} : { startDate }) } };
}
