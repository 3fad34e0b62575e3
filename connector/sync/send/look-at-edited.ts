import { readHolds } from "../../database/history/holds.ts";
import { type LandedRecord, readLanded } from "../../database/landing/landing.ts";
import type { StoredCompany, StoredRow } from "../../database/row.ts";
import { readLinks } from "../../database/rows/links.ts";
import { readCompanies } from "../../database/rows/stored-row.ts";
import { nextEdited } from "../../database/tables/edited-companies.ts";
import { mostSends, readSends } from "../../database/tables/sends.ts";
import type { JsonObject } from "../../mapping/value.ts";
import { decideSend, type SendDecision } from "../decide/decide-send.ts";
import type { Run, RunRequest } from "../run-context.ts";

/** An edited company, and the fields to send. */
export interface EditedLook {
  /** The edit entries. */
  entries: string[];
  /** The row; undefined if it is gone. */
  row: StoredCompany | undefined;
  /** The company's organization, if it has one. */
  linked?: {
    recordId: number;
    row: StoredRow;
    /** The organization as last landed; undefined if it never did. */
    landed: LandedRecord | undefined;
    hasLink: boolean;
    /** The base, if the link has one. */
    base: JsonObject | undefined;
    /** The decision against the landed organization; undefined without one. */
    decision: SendDecision | undefined;
  };
}

const entriesAtOnce = 500;

/** Yields the edited companies in batches, decided from the database alone. */
export async function* lookAtEdited({
  request,
  changedInPlanhat,
}: Pick<Run, "changedInPlanhat"> & {
  request: Pick<RunRequest, "database" | "mapping">;
}): AsyncGenerator<EditedLook[], void> {
  const { database, mapping } = request;
  let after = "0";
  for (;;) {
    const entries = await nextEdited(database, { after, limit: entriesAtOnce });
    const last = entries.at(-1);
    if (last === undefined) return;
    after = last.id;
    const entriesOf = new Map<string, string[]>();
    for (const { id, companyId } of entries) {
      const known = entriesOf.get(companyId);
      if (known === undefined) entriesOf.set(companyId, [id]);
      else known.push(id);
    }
    const rows = new Map((await readCompanies(database, [...entriesOf.keys()])).map((row) => [row.id, row]));
    const ids = [...rows.values()].flatMap(({ sourceId }) => recordIdOf(sourceId) ?? []);
    const landed = new Map((await readLanded(database, "organizations", ids)).map((one) => [one.id, one]));
    const links = new Map((await readLinks(database, "organizations", ids)).map((one) => [one.recordId, one]));
    const sends = await readSends(database, ids);
    const holds = await readHolds(database, ["company"], ids.map(String));
    yield [...entriesOf].map(([companyId, own]): EditedLook => {
      const row = rows.get(companyId);
      const recordId = row === undefined ? undefined : recordIdOf(row.sourceId);
      if (row === undefined || recordId === undefined) return { entries: own, row };
      const stored = { ...row, sourceId: String(recordId) };
      const copy = landed.get(recordId);
      // A lean copy has no values to compare, so it is read like one that has not landed.
      const organization = copy?.lean === true && !copy.deleted ? undefined : copy;
      const link = links.get(recordId);
      const base = link?.base ?? undefined;
      const decision =
        organization === undefined
          ? undefined
          : decideSend(mapping.organizations, {
              record: organization.record,
              row: stored,
              base,
              times: { pipedrive: organization.updateTime, planhat: changedInPlanhat.get(recordId) ?? row.updatedAt },
              sent: new Map(sends.filter((one) => one.recordId === recordId).map((one) => [one.field, one])),
              mostRounds: mostSends,
              held: { holds: holds.filter((one) => one.sourceId === stored.sourceId), marks: mapping.marks },
            });
      const linked = { recordId, row: stored, landed: organization, hasLink: link !== undefined, base, decision };
      return { entries: own, row, linked };
    });
  }
}

/** Returns a source id that Pipedrive may know; companies may also come from other sources. */
function recordIdOf(sourceId: string | null): number | undefined {
  if (sourceId === null || !/^[1-9]\d{0,15}$/.test(sourceId)) return undefined;
  const id = Number(sourceId);
  return Number.isSafeInteger(id) ? id : undefined;
}
