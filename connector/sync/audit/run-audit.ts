import type { AccountCatalog } from "../../account-catalog.ts";
import { countLanded, landedDealIds } from "../../database/landing/landing.ts";
import { countLean } from "../../database/landing/lean-copies.ts";
import { Failure } from "../../failure.ts";
import { receives } from "../../mapping/direction.ts";
import { modelsMade } from "../../mapping/models-made.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { readCatalog } from "../../pipedrive/account/account.ts";
import type { Usage } from "../../pipedrive/client/budget.ts";
import type { Client } from "../../pipedrive/client/client.ts";
import { isNotPermitted } from "../../pipedrive/client/refusal.ts";
import { pageSize } from "../../pipedrive/lists/list-page.ts";
import { readRecord } from "../../pipedrive/lists/read-of-organization.ts";
import { streams } from "../../pipedrive/records/streams.ts";
import { publishingOrder } from "../../planhat/model-paths.ts";
import { type ListedStream, listedStreams, type StreamName, streamNames } from "../../stream-name.ts";
import { readingOrder } from "../land/extract-stream.ts";
import type { PlanhatConnection, Progress } from "../run-context.ts";
import { OtherAccount } from "../runs/one-account.ts";
import { dealsToWait } from "../runs/read-lean.ts";
import { compareList } from "./compare-list.ts";
import { comparePlanhat } from "./compare-planhat.ts";
import { type DifferenceCounts, Differences, unexplained } from "./differences.ts";
import type { IdSet } from "./id-set.ts";
import { judgeRows } from "./judge-rows.ts";
import { type RehearsalRequest, rehearseTables } from "./rehearse-tables.ts";
import { scanModel, scanStream, type TableScan } from "./scan-tables.ts";

/** The inputs of an audit. The caller has locked the database. */
export interface AuditRequest extends RehearsalRequest {
  client: Client;
  /** The account's fields as the last sync saved them. */
  catalog: AccountCatalog;
  /** Planhat's API, if the config names it. */
  planhat?: PlanhatConnection;
  startDate: string | undefined;
  followChanges: boolean;
  onProgress?: (progress: Progress) => void;
}

const dealsAtOnce = 10_000;

/** The counts of a stream. */
export interface StreamAudit extends DifferenceCounts {
  /** Records that Pipedrive has and has not deleted; null if they were not read, or not completely. */
  pipedrive: number | null;
  /** Records that landed and are not marked as deleted. */
  landed: number;
  deleted: number;
  /** Records of which only ids, references, states and times are kept (`landing: eligible`); absent if none is. */
  lean?: number;
  /** Records that sync: eligible deals, and the records that they bring. */
  eligible: number;
  /** Records that have a row. */
  rows: number;
}

/** The counts of a model. */
export interface ModelAudit extends DifferenceCounts {
  /** Records that should have a row of the model. */
  expected: number;
  rows: number;
  /** Objects in Planhat; null if they were not read completely; absent if the config does not name Planhat. */
  planhat?: number | null;
}

/** The result of an audit. */
export interface AuditOutcome {
  seconds: number;
  /** Products of deals are there if a mapping file asks for them. */
  streams: Record<ListedStream, StreamAudit> & { deal_products?: StreamAudit };
  models: Record<ModelName, ModelAudit>;
  differences: Differences;
  requests: Usage;
  /** The usage of Planhat's API, if the config names it. */
  planhat?: { complete: boolean; requests: { count: number; retried: number } };
  /** The failure of reading Pipedrive, or else Planhat; the rest was still compared. */
  failure?: Failure;
}

/**
 * Compares Pipedrive with the landing, the landing with the tables and, if the config names it, the tables with
 * Planhat, and explains each difference. Writes nothing.
 */
export async function runAudit(request: AuditRequest): Promise<AuditOutcome> {
  const started = performance.now();
  const { database, mapping, budget, signal } = request;
  const differences = new Differences();
  const { listed, failure } = await compareLists(request, differences);
  const rehearsed = await rehearseTables(request);
  await judgeRows({ database, mapping, followChanges: request.followChanges }, rehearsed.decided, differences);
  const lean = await countLean(database);
  const waiting = await dealsToWait(database, mapping, Object.keys(lean).length > 0 ? await allDeals(database) : []);
  const scan: TableScan = { database, mapping, rehearsed, listed, differences, signal, waiting };
  const counted: [StreamName, Omit<StreamAudit, keyof DifferenceCounts>][] = [];
  let stopped = failure;
  for (const stream of listedStreams) {
    const { unlisted, ...counts } = await scanStream(scan, stream);
    stopped ??= await judgeUnlisted(request, stream, unlisted, differences);
    const eligible = rehearsed.visited[stream].size;
    counted.push([stream, { pipedrive: listed.get(stream)?.size ?? null, ...counts, eligible }]);
  }
  if (receives(mapping.deal_products.direction)) {
    const { unlisted: _unlisted, ...counts } = await scanStream(scan, "deal_products");
    counted.push(["deal_products", { pipedrive: null, ...counts, eligible: rehearsed.visited.deal_products.records }]);
  }
  const rows = new Map<ModelName, number>();
  for (const model of modelNames) rows.set(model, await scanModel(scan, model));
  const objects = await comparePublished(request, rows, differences);
  stopped ??= objects?.failure;
  return {
    seconds: Math.round((performance.now() - started) / 100) / 10,
    streams: Object.fromEntries(
      counted.map(([stream, counts]) => [
        stream,
        { ...counts, ...(lean[stream] === undefined ? {} : { lean: lean[stream] }), ...differences.count(stream) },
      ]),
    ) as AuditOutcome["streams"],
    models: Object.fromEntries(
      [...rows].map(([model, count]) => [
        model,
        {
          expected: Object.values(rehearsed.expected[model]).reduce((sum, { size }) => sum + size, 0),
          rows: count,
          ...(objects === undefined ? {} : { planhat: objects.counts.get(model) ?? null }),
          ...differences.count(model),
        },
      ]),
    ) as AuditOutcome["models"],
    differences,
    requests: budget.usage(),
    ...(objects === undefined
      ? {}
      : { planhat: { complete: objects.failure === undefined, requests: request.planhat!.client.usage() } }),
    ...(stopped === undefined ? {} : { failure: stopped }),
  };
}

async function allDeals(database: AuditRequest["database"]): Promise<number[]> {
  const all: number[] = [];
  for await (const ids of landedDealIds(database, dealsAtOnce)) for (const id of ids) all.push(id);
  return all;
}

/** Compares the tables with Planhat, for models that the mapping fills or that have rows: a tenant may lack others. */
async function comparePublished(
  { database, planhat, mapping, signal }: AuditRequest,
  rows: ReadonlyMap<ModelName, number>,
  differences: Differences,
): Promise<{ counts: Map<ModelName, number>; failure: Failure | undefined } | undefined> {
  if (planhat === undefined) return undefined;
  const filled = new Set(streamNames.flatMap((stream) => modelsMade(mapping[stream])));
  const counts = new Map<ModelName, number>();
  const failure = await failureOf(async () => {
    for (const model of publishingOrder) {
      if (!filled.has(model) && rows.get(model) === 0) continue;
      counts.set(model, await comparePlanhat({ database, client: planhat.client, signal, differences }, model));
    }
  });
  return { counts, failure };
}

/** Returns the least cost of reading every list, from the landed records; archived deals have a list of their own. */
export async function estimateCost({
  database,
  mapping,
}: Pick<AuditRequest, "database" | "mapping">): Promise<{ requests: number; tokens: number }> {
  let requests = 0;
  let tokens = 0;
  for (const stream of readingOrder(mapping)) {
    const { landed } = await countLanded(database, stream);
    for (const [index, list] of streams[stream].lists.entries()) {
      const pages = index === 0 ? Math.max(1, Math.ceil(landed / pageSize)) : 1;
      requests += pages;
      tokens += pages * list.tokens;
    }
  }
  return { requests, tokens };
}

/** Reads and compares Pipedrive's lists. A failure of Pipedrive ends the reading, not the audit. */
async function compareLists(
  request: AuditRequest,
  differences: Differences,
): Promise<{ listed: Map<StreamName, IdSet>; failure?: Failure }> {
  const { client, catalog, database, startDate, signal, onProgress, mapping } = request;
  const listed = new Map<StreamName, IdSet>();
  const failure = await failureOf(async () => {
    const changedFields = keysChanged(catalog, await readCatalog(client, catalog));
    for (const stream of readingOrder(mapping)) {
      let records = 0;
      const onRead = (count: number) => {
        records += count;
        onProgress?.({ stage: "read", stream, records });
      };
      const comparison = { database, client, mapping, stream, startDate, changedFields, signal, differences, onRead };
      listed.set(stream, await compareList(comparison));
    }
  });
  return failure === undefined ? { listed } : { listed, failure };
}

/** Requests each landed record that Pipedrive does not list. Returns the failure that ended the requests. */
async function judgeUnlisted(
  { client, signal }: AuditRequest,
  stream: StreamName,
  unlisted: readonly number[],
  differences: Differences,
): Promise<Failure | undefined> {
  return failureOf(async () => {
    for (const id of unlisted) {
      signal.throwIfAborted();
      const found = await readRecord(client, stream, id).catch((error: unknown) => {
        if (isNotPermitted(error)) return "hidden" as const;
        throw error;
      });
      if (found === "hidden") {
        const reason = "Pipedrive does not let the token's user see it: use an administrator's API token";
        differences.add({ stream, id, kind: "not_in_pipedrive", reason });
        continue;
      }
      if (found?.records[0]?.deleted === true) {
        const reason = "deleted in Pipedrive, whose lists do not tell of it";
        differences.add({ stream, id, kind: "deleted_not_marked", reason });
      } else differences.add({ stream, id, kind: "not_in_pipedrive", reason: unexplained });
    }
  });
}

async function failureOf(work: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    // Compared with another account, everything would differ.
    if (error instanceof Failure && !(error instanceof OtherAccount)) return error;
    throw error;
  }
}

/** Returns the keys of custom fields that only one of two catalogs has. */
function keysChanged(one: AccountCatalog, other: AccountCatalog): Set<string> {
  const keysOf = ({ fields }: AccountCatalog) =>
    new Set(Object.values(fields).flatMap((list) => list.filter(({ custom }) => custom).map(({ key }) => key)));
  const [before, after] = [keysOf(one), keysOf(other)];
  return new Set([...before, ...after].filter((key) => !before.has(key) || !after.has(key)));
}
