import { Hono } from "hono";
import type { Database } from "../../database/database.ts";
import { recordNames } from "../../database/landing/record-names.ts";
import {
  companyOrders,
  countCompanies,
  type ListedCompany,
  listCompanies,
  readListedCompanies,
} from "../../database/lists/list-companies.ts";
import { readCompanies as readRows, readRowsOfCompany } from "../../database/rows/stored-row.ts";
import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import type { ModelName } from "../../model-name.ts";
import { models } from "../../planhat/models.ts";
import { rowValues } from "../../sync/decide/row-values.ts";
import { type CompanyDeal, dealsOfCompany } from "../../sync/inspect/company-deals.ts";
import { answer } from "../answer.ts";
import { objectOf, query } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { mappingOf } from "../known-mapping.ts";

/** A company in a list. */
export interface CompanyAnswer {
  /** The row's own id. */
  id: string;
  /** The organization's id in Pipedrive; null for a company that was made by hand. */
  source_id: string | null;
  planhat_id: string | null;
  name: string | null;
  city: string | null;
  country: string | null;
  /** Custom fields by Planhat's name; one that was cleared is null, one that was never set is absent. */
  custom: Record<string, Json>;
  updated_at: string;
  endusers: number;
  licenses: number;
  sales: number;
  /** The rows of tenants with Deal and Line Item. */
  deal_rows: number;
  lineitems: number;
  notes: number;
  /** The open rejections of the organization and of what waits for it. */
  rejections: number;
}

/** A page of companies. */
export interface CompaniesAnswer {
  companies: CompanyAnswer[];
  /** The number of all that the filter leaves. */
  count: number;
  /** The company to pass as `after` for the next page; null on the last page. */
  next: string | null;
}

/** A row of a company: an end user, a note, or one of a revenue model. */
export interface CompanyRow {
  id: string;
  source_id: string;
  planhat_id: string | null;
  updated_at: string;
  /** The values by Planhat's names. */
  values: JsonObject;
}

/** One company with everything that belongs to it. */
export interface OneCompanyAnswer extends CompanyAnswer {
  /** The values by Planhat's names; what has no value is absent. */
  values: JsonObject;
  /** The deals of its organization, each with its reason where it does not sync. */
  deals: CompanyDeal[];
  /** Its rows, newest first, by model; `counts` has the number of all. */
  rows: Partial<Record<Exclude<ModelName, "company">, CompanyRow[]>>;
}

const usualPage = 50;
const mostRows = 50;
const childModels = ["enduser", "license", "sale", "deal", "lineitem", "note"] as const;

/** Adds the routes of the companies. */
export function companyRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get(
      "/companies",
      query<{
        text?: string;
        problem?: boolean;
        kept?: boolean;
        field?: string;
        state?: "null" | "empty" | "value";
        sort?: (typeof companyOrders)[number];
        descending?: boolean;
        after?: string;
        limit?: number;
      }>(
        objectOf({
          text: { type: "string", maxLength: 200 },
          problem: { type: "boolean" },
          kept: { type: "boolean" },
          field: { type: "string", maxLength: 200 },
          state: { enum: ["null", "empty", "value"] },
          sort: { enum: companyOrders },
          descending: { type: "boolean" },
          after: { type: "string", pattern: "^\\d{1,18}$" },
          limit: { type: "integer", minimum: 1, maximum: 500 },
        }),
      ),
      async (context) => {
        const { database } = runningService(host);
        const given = context.req.valid("query");
        const { field, state = "value", limit = usualPage, sort = "name", descending = false, ...rest } = given;
        const filter = { ...rest, ...(field === undefined ? {} : { field: { ...columnOfField(field), state } }) };
        const found = await listCompanies(database, { ...filter, sort, descending, limit: limit + 1 });
        const companies = found.slice(0, limit).map(told);
        const next = found.length > limit ? companies.at(-1)!.id : null;
        return answer<CompaniesAnswer>(context, { companies, count: await countCompanies(database, filter), next });
      },
    )
    .get("/companies/:id", async (context) => {
      const service = runningService(host);
      const { database } = service;
      const id = context.req.param("id");
      if (!/^\d{1,18}$/.test(id)) throw new Failure("usage", `${JSON.stringify(id)} is not the id of a company's row.`);
      const [listed] = await readListedCompanies(database, [id]);
      const [row] = await readRows(database, [id]);
      if (listed === undefined || row === undefined) throw unknownCompany(id);
      const mapping = await mappingOf(service);
      const organization = listed.sourceId === null ? undefined : Number(listed.sourceId);
      const deals = organization === undefined ? [] : await dealsOfCompany(database, mapping, organization);
      return answer<OneCompanyAnswer>(context, {
        ...told(listed),
        values: rowValues("company", row),
        deals,
        rows: await rowsOf(database, id),
      });
    })
    .get("/organizations/:id/company", async (context) => {
      const { database } = runningService(host);
      const id = context.req.param("id");
      const [row] = await database.query<{ id: string }>("select id from planhat.companies where source_id = $1", [id]);
      const names = await recordNames(database, [{ stream: "organizations", recordId: Number(id) || null }]);
      const name = names.get(`organizations ${id}`) ?? null;
      return answer<{ company: string | null; name: string | null }>(context, { company: row?.id ?? null, name });
    });
}

function unknownCompany(id: string): Failure {
  return new Failure("usage", `There is no company with the row id ${id}.`, {
    hint: "It may have been removed since; search for its name.",
  });
}

function columnOfField(field: string): { column: string; custom?: string } {
  if (field.startsWith("custom.")) return { column: "custom", custom: field.slice("custom.".length) };
  const property = models.company.get(field);
  if (property !== undefined) return { column: property.column };
  throw new Failure("usage", `A company has no field ${JSON.stringify(field)}.`);
}

function told({ sourceId, planhatId, updatedAt, deals, ...company }: ListedCompany): CompanyAnswer {
  return { ...company, source_id: sourceId, planhat_id: planhatId, updated_at: updatedAt, deal_rows: deals };
}

async function rowsOf(database: Database, company: string): Promise<OneCompanyAnswer["rows"]> {
  const rows: OneCompanyAnswer["rows"] = {};
  for (const model of childModels) {
    rows[model] = (await readRowsOfCompany(database, model, company, mostRows)).map((row) => ({
      id: row.id,
      source_id: row.sourceId,
      planhat_id: row.planhatId,
      updated_at: row.updatedAt,
      values: rowValues(model, row),
    }));
  }
  return rows;
}
