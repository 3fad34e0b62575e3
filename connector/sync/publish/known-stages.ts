import { distinctStages } from "../../database/rows/deal-stages.ts";
import { readCatalogEntry, saveCatalogEntry } from "../../database/tables/catalog.ts";
import { commitRun } from "../../database/tables/fence.ts";
import { listAll } from "../../planhat/lists.ts";
import { modelPaths } from "../../planhat/model-paths.ts";
import { nameIn } from "../../property-names.ts";
import { nearestWord } from "../../text/nearest-word.ts";
import type { Publication } from "./publication.ts";

/** The catalog's key for the stages that a tenant's deals have. */
const stagesKey = "planhat_stages";
/** The stages that every tenant has (Planhat API, Deal). */
export const fixedStages = ["Closed Won", "Closed Lost"] as const;

/**
 * Warns of stages that no deal of the tenant has: Planhat stores a word that it does not know, and says nothing. Only
 * the two fixed stages and those that its deals have are known. The tenant's deals are listed only for a word that was
 * not met before.
 */
export async function checkStages({ run, planhat: { client }, rehearsed }: Publication): Promise<void> {
  const { database, onWarning } = run.request;
  const wanted = await distinctStages(database);
  const scope = `${stagesKey} ${run.tenant!.id}`;
  const known = new Set<string>([
    ...fixedStages,
    ...(((await readCatalogEntry(database, scope)) as string[] | undefined) ?? []),
  ]);
  if (wanted.every((stage) => known.has(stage))) return;
  const property = nameIn(client.names, "deal", "stage");
  const { path, things, largestPage } = modelPaths.deal;
  const query = { limit: largestPage, select: `_id,${property}`, sort: "_id" };
  for await (const page of listAll(client, path, query, things)) {
    for (const { [property]: stage } of page) if (typeof stage === "string") known.add(stage);
  }
  for (const stage of wanted.filter((one) => !known.has(one))) {
    const near = nearestWord(stage, [...known]);
    const hint = near === undefined ? `It has: ${[...known].sort().join(", ")}.` : `Is it “${near}” there?`;
    onWarning?.(
      `No deal of Planhat (${client.host}) has the stage “${stage}”, and Planhat takes a word that it does not know without one. ${hint}`,
    );
  }
  if (rehearsed !== undefined) return;
  await commitRun(database, run.id, async (transaction) => {
    await saveCatalogEntry(transaction, scope, [...known, ...wanted]);
  });
}
