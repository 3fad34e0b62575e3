import { createHash } from "node:crypto";
import type { Queryable } from "../../database/database.ts";
import { readUnpublishedCompanies, type UnpublishedCompany } from "../../database/rows/unpublished-companies.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { companyKeys } from "../../planhat/company-keys.ts";
import { askConsent, tellHeld } from "../consent.ts";
import type { Twin } from "../planned.ts";
import type { Run, RunRequest } from "../run-context.ts";

/**
 * The companies that are about to be published for the first time, against which each company of Planhat is compared.
 * Only a hash of a name or a domain is stored: a tenant may get 100,000 companies in one run.
 */
export class Newcomers {
  readonly #bySourceId = new Set<string>();
  readonly #byPlanhatId = new Map<string, string>();
  readonly #byKey = new Map<number, string | string[]>();
  readonly #twins = new Map<string, Twin>();

  /** Reads all new companies. */
  static async read(queryable: Queryable): Promise<Newcomers> {
    const newcomers = new Newcomers();
    for await (const rows of readUnpublishedCompanies(queryable)) for (const row of rows) newcomers.#add(row);
    return newcomers;
  }

  /** True if there are none. */
  get isEmpty(): boolean {
    return this.#bySourceId.size + this.#byPlanhatId.size === 0;
  }

  /** The twins found among the companies of Planhat so far. */
  get twins(): Twin[] {
    return [...this.#twins.values()];
  }

  /** Returns the source id of the new company that a company of Planhat is, and removes it; undefined if it is none. */
  find({ _id, sourceId }: JsonObject): string | undefined {
    const own =
      this.#byPlanhatId.get(String(_id)) ??
      (typeof sourceId === "string" && this.#bySourceId.has(sourceId) ? sourceId : undefined);
    if (own === undefined) return undefined;
    this.#bySourceId.delete(own);
    this.#twins.delete(own);
    return own;
  }

  /** Returns the new companies of which a company of Planhat without a source id may be a twin, by the hashes. */
  likely(company: JsonObject): string[] {
    const { sourceId } = company;
    if (sourceId !== undefined && sourceId !== null && sourceId !== "") return [];
    const found = companyKeys(company).flatMap((key) => this.#byKey.get(hashOf(key)) ?? []);
    return [...new Set(found)].filter((one) => this.#bySourceId.has(one) && !this.#twins.has(one));
  }

  /** Records that a new company has a twin, after comparing the two. */
  addTwin(twin: Twin): void {
    this.#twins.set(twin.sourceId, twin);
  }

  #add(row: UnpublishedCompany): void {
    const { sourceId, planhatId } = row;
    if (planhatId !== null) {
      this.#byPlanhatId.set(planhatId, sourceId);
      return;
    }
    this.#bySourceId.add(sourceId);
    for (const key of companyKeys({ ...row, domains: row.domains ?? undefined })) {
      const hash = hashOf(key);
      const others = this.#byKey.get(hash);
      this.#byKey.set(hash, others === undefined ? sourceId : [...[others].flat(), sourceId]);
    }
  }
}

function hashOf(key: string): number {
  return createHash("sha1").update(key).digest().readUIntBE(0, 6);
}

/**
 * Asks for consent to create companies that Planhat seems to have. Returns the source ids of those that wait; none in a
 * dry run, which shows the result with consent.
 */
export async function askForTwins(
  run: Run<RunRequest>,
  host: string,
  twins: readonly Twin[],
): Promise<ReadonlySet<string>> {
  const terms = twins.map(({ sourceId }) => sourceId);
  const missing = await askConsent(run, { kind: "twins", scope: run.tenant!.id, terms });
  const what = `companies to make in Planhat (${host}) beside one of the same name or domain (twins)`;
  tellHeld(run, "twins", [{ what, count: missing.length, remedy: howToMeetTwins }]);
  return new Set(run.request.database.rehearsal ? [] : missing);
}

const howToMeetTwins =
  "`pipedrive-planhat plan` lists them. To have one taken over, write the organization's id into its sourceId in Planhat; `pipedrive-planhat sync --yes` makes a second company of each that is left.";
