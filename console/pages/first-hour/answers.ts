import type {
  FirstAccountAnswer,
  FirstPlanAnswer,
  FirstTenantAnswer,
} from "../../../connector/console/routes/first-hour.ts";
import { post } from "../../acts.ts";

/** The answers of who sets up, as they are typed. They stay on this page until the files are written. */
export interface Typed {
  url: string;
  token: string;
  database: string;
  planhatToken: string;
  planhatUrl: string;
  /** The pipelines that are ticked, by the word that selects them. */
  pipelines: (string | number)[];
  /** The start date by its word; null for the time of winning. */
  startDate: string | null;
}

export const nothingTyped: Typed = {
  url: "",
  token: "",
  database: "",
  planhatToken: "",
  planhatUrl: "",
  pipelines: [],
  startDate: null,
};

const signIn = ({ url, token, database }: Typed) => ({
  company_url: url.trim(),
  api_token: token,
  ...(database.trim() === "" ? {} : { database: database.trim() }),
});

const tenant = ({ planhatToken, planhatUrl }: Typed) => ({
  api_token: planhatToken,
  ...(planhatUrl.trim() === "" ? {} : { api_url: planhatUrl.trim() }),
});

/** Returns the body of a request with all answers. */
export function allAnswers(typed: Typed, withTenant: boolean): object {
  const { pipelines, startDate } = typed;
  const deals = { pipelines, ...(startDate === null ? {} : { start_date: startDate }) };
  return { ...signIn(typed), ...(withTenant ? { planhat: tenant(typed) } : {}), deals };
}

/** Tries the address, the token and the database. */
export function tryAccount(typed: Typed): Promise<FirstAccountAnswer> {
  return post("first-hour/account", signIn(typed));
}

/** Tries the tenant. */
export function tryTenant(typed: Typed): Promise<FirstTenantAnswer> {
  return post("first-hour/tenant", { ...signIn(typed), planhat: tenant(typed) });
}

/** Counts what the first sync would bring. */
export function planFirst(typed: Typed, withTenant: boolean): Promise<FirstPlanAnswer> {
  return post("first-hour/plan", allAnswers(typed, withTenant));
}
