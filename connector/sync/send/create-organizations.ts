import { keepChanges } from "../../database/history/run-history.ts";
import type { StoredCompany } from "../../database/row.ts";
import { readLinks, storeLinks } from "../../database/rows/links.ts";
import { linkCompany } from "../../database/rows/made-companies.ts";
import { removeEdited, writeAsApplying } from "../../database/tables/edited-companies.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { rejectCreation, replaceRejections, sendStage } from "../../database/tables/rejections.ts";
import { beginCreation, type Creation, endCreation, readCreations, storeSends } from "../../database/tables/sends.ts";
import { Failure } from "../../failure.ts";
import type { Json, JsonObject } from "../../mapping/value.ts";
import { Unclear } from "../../pipedrive/client/given-up.ts";
import { isOwnRefusal, isRefusedBody } from "../../pipedrive/client/refusal.ts";
import type { SourceRecord } from "../../pipedrive/records/decode.ts";
import {
  newestOrganization,
  organizationsAfter,
  postOrganization,
} from "../../pipedrive/writes/organization-writes.ts";
import { bodyOf, decideCreation, decideSend, type FieldSend } from "../decide/decide-send.ts";
import { sameMeaning } from "../decide/same-meaning.ts";
import { land } from "../land/land.ts";
import { recordUsage } from "../record-usage.ts";
import type { Run, RunRequest } from "../run-context.ts";
import type { EditedLook } from "./look-at-edited.ts";
import { noteSend } from "./planned-send.ts";
import { namesField, type SentFields } from "./send-fields.ts";
import type { Sending } from "./sending.ts";

/**
 * Creates organizations for companies without one, each once: the intent is committed before the request. If the
 * outcome is unknown – the process died, or no answer came – the newer organizations are searched for all values that
 * were sent. If none matches, it is reported and not created again until the company is edited. Returns how many wait
 * for consent.
 */
export async function createOrganizations(
  run: Run<RunRequest>,
  sending: Sending,
  looks: readonly EditedLook[],
): Promise<number> {
  const companies = looks.flatMap(({ row, entries }) => (row === undefined ? [] : [{ row, entries }]));
  if (companies.length === 0) return 0;
  const { database, mapping, signal } = run.request;
  if (!database.rehearsal && !sending.consented) return companies.length;
  const begun = new Map(
    (
      await readCreations(
        database,
        companies.map(({ row }) => row.id),
      )
    ).map((creation) => [creation.companyId, creation]),
  );
  let waiting = 0;
  for (const company of companies) {
    signal.throwIfAborted();
    const { row } = company;
    const decision = decideCreation(mapping.organizations, { ...row, sourceId: "" });
    if (typeof decision.body["name"] !== "string") {
      await report(run, row, "it has no name, and Pipedrive takes no organization without one");
      continue;
    }
    if (database.rehearsal) {
      noteSend(run, sending, null, decision.fields);
      if (!sending.consented) waiting++;
      continue;
    }
    const earlier = begun.get(row.id);
    if (earlier !== undefined && (await takeFound(run, sending, company, earlier))) continue;
    if (earlier !== undefined && !earlier.edited) {
      await report(run, row, lost);
      continue;
    }
    await create(run, sending, company, { fields: decision.fields, refused: [] });
  }
  return waiting;
}

/** A company without an organization, and its edit entries. */
interface Unlinked {
  row: StoredCompany;
  entries: string[];
}

const lost =
  "it is not known whether Pipedrive made its organization, and none of the new ones is like it. Look in Pipedrive: write the organization's id into source_id, or edit the company to have it made";

/** The fields of a new organization, and those that Pipedrive refused. */
interface Making {
  fields: readonly FieldSend[];
  refused: SentFields["refused"];
}

async function create(run: Run<RunRequest>, sending: Sending, company: Unlinked, making: Making): Promise<void> {
  const { database } = run.request;
  const { client } = sending;
  const { row } = company;
  const body = bodyOf(making.fields, {});
  const creation: Creation = { companyId: row.id, body, afterId: await newestOrganization(client), edited: false };
  await commitRun(database, run.id, async (transaction) => {
    await beginCreation(transaction, run.id, creation);
    await recordUsage(transaction, run);
  });
  try {
    const { records } = await postOrganization(client, body);
    if (records[0] !== undefined) return await link(run, company, records[0], making.refused);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (!(error instanceof Unclear)) {
      // The request was not executed.
      await commitRun(database, run.id, async (transaction) => {
        await endCreation(transaction, row.id);
        await recordUsage(transaction, run);
      });
      if (!isOwnRefusal(error)) throw error;
      const less = isRefusedBody(error) ? withoutRefused(making, error.message) : undefined;
      if (less !== undefined) return create(run, sending, company, less);
      await report(run, row, error.message);
      return;
    }
  }
  if (!(await takeFound(run, sending, company, creation))) await report(run, row, lost);
}

/**
 * Returns the fields without those that a refusal names; if it names none, the name alone. An existing organization
 * then gets the others one by one, in the next run. Undefined if nothing is left to leave out.
 */
function withoutRefused({ fields, refused }: Making, reason: string): Making | undefined {
  const optional = fields.filter(({ inverse }) => inverse.custom || inverse.key !== "name");
  if (optional.length === 0) return undefined;
  const named = optional.filter(({ inverse }) => namesField(reason, inverse.key));
  // Fields that were left out for another reason may be accepted: do not report them yet.
  if (named.length === 0) return { fields: fields.filter((field) => !optional.includes(field)), refused };
  return {
    fields: fields.filter((field) => !named.includes(field)),
    refused: [...refused, ...named.map((field) => ({ field, reason }))],
  };
}

/**
 * Links the company with the only new organization that holds the sent values. Returns false if there is none, or
 * several.
 */
async function takeFound(
  run: Run<RunRequest>,
  { client }: Sending,
  company: Unlinked,
  { body, afterId }: Creation,
): Promise<boolean> {
  const alike = (await organizationsAfter(client, afterId)).filter(({ record }) => holds(record, body));
  const links = await readLinks(
    run.request.database,
    "organizations",
    alike.map(({ id }) => id),
  );
  const [found, ...others] = alike.filter(({ id }) => !links.some(({ recordId }) => recordId === id));
  if (found === undefined || others.length > 0) return false;
  await link(run, company, found);
  return true;
}

/** Returns whether a record holds the sent values. Addresses do not count, because Pipedrive completes them itself. */
function holds(record: JsonObject, body: JsonObject): boolean {
  const block = (one: JsonObject) => (one["custom_fields"] ?? {}) as JsonObject;
  const same = (sent: JsonObject, held: JsonObject) =>
    Object.entries(sent).every(([key, value]) => isCompleted(value) || sameMeaning(value, held[key]));
  const { custom_fields: _, ...own } = body;
  return record["name"] === body["name"] && same(own, record) && same(block(body), block(record));
}

function isCompleted(value: Json): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function link(
  run: Run<RunRequest>,
  { row, entries }: Unlinked,
  record: SourceRecord,
  refused: SentFields["refused"] = [],
): Promise<void> {
  const { database, mapping } = run.request;
  const { id } = record;
  const stored = { ...row, sourceId: String(id) };
  const decision = decideSend(mapping.organizations, {
    record: record.record,
    row: stored,
    base: undefined,
    times: { pipedrive: record.updateTime, planhat: row.updatedAt },
    sent: new Map(),
    mostRounds: Number.POSITIVE_INFINITY,
  });
  await commitRun(database, run.id, async (transaction) => {
    await writeAsApplying(transaction);
    const following = { everyDeal: false, otherStreams: false };
    await land(transaction, run, { stream: "organizations", records: [record], rejected: [] }, following);
    if (await linkCompany(transaction, run.history, row.id, String(id))) {
      const { base } = decision;
      const link = { recordId: id, model: "company", rowId: row.id, base } as const;
      await storeLinks(transaction, run.id, { stream: "organizations", links: [link] });
    }
    const left = new Set(refused.map(({ field: { field } }) => field));
    const made = decideCreation(mapping.organizations, stored).fields.filter(({ field }) => !left.has(field));
    await keepChanges(transaction, run.history, [
      {
        ...({ action: "send", model: "company", sourceId: String(id), rowId: row.id } as const),
        after: Object.fromEntries(made.map(({ field, to }) => [field, to])),
        because: { by: "created" },
      },
    ]);
    await endCreation(transaction, row.id);
    await rejectCreation(transaction, run.id, row.id, undefined);
    const sends = refused.map(({ field: { field, to }, reason }) => ({
      ...{ recordId: id, field, value: to, rounds: 1 },
      refused: reason,
    }));
    await storeSends(transaction, run.id, sends);
    const rejections = refused.map(({ field: { field }, reason }) => ({
      ...({ recordId: id, model: "company", stage: sendStage } as const),
      ...{ field, reason },
    }));
    await replaceRejections(
      transaction,
      { runId: run.id, stream: "organizations", stage: sendStage },
      [id],
      rejections,
    );
    // A value that Pipedrive stored differently is left to the next run.
    if (decision.fields.length + decision.rejections.length === 0) await removeEdited(transaction, entries);
    await recordUsage(transaction, run);
  });
  run.summary.sent.organizations.created++;
  run.rejections += refused.length;
}

async function report(run: Run<RunRequest>, row: StoredCompany, reason: string): Promise<void> {
  const name = row.columns["name"];
  const called = name === null || name === undefined ? "" : ` ${JSON.stringify(name)}`;
  await commitRun(run.request.database, run.id, async (transaction) => {
    await rejectCreation(transaction, run.id, row.id, `company row ${row.id}${called}: ${reason}`);
    await recordUsage(transaction, run);
  });
  run.rejections++;
}
