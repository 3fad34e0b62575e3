import { Hono } from "hono";
import { readRows } from "../../database/rows/stored-row.ts";
import { readConflicts } from "../../database/tables/conflicts.ts";
import { Failure } from "../../failure.ts";
import type { Json } from "../../mapping/value.ts";
import { takeOther } from "../../sync/decide/other-value.ts";
import { lookAtEdited } from "../../sync/send/look-at-edited.ts";
import { answer } from "../answer.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { log, needs } from "../guard.ts";
import { mappingOf } from "../known-mapping.ts";
import type { AskedRunAnswer } from "./acts.ts";

/** The sends that wait for consent, decided from what has landed: one organization each. */
export interface ToSendAnswer {
  organizations: { record_id: number | null; name: string | null; fields: Record<string, { from: Json; to: Json }> }[];
  count: number;
}

const mostListed = 50;

/** Adds the routes of what goes to Pipedrive: what would be sent, and the other side's value of a conflict. */
export function bothWaysRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/to-send", async (context) => {
      const service = runningService(host);
      const { database } = service;
      const mapping = await mappingOf(service);
      const told: ToSendAnswer = { organizations: [], count: 0 };
      for await (const looks of lookAtEdited({ request: { database, mapping }, changedInPlanhat: new Map() }))
        for (const { linked, row } of looks) {
          const isNew = row?.sourceId === null && mapping.organizations.createInPipedrive;
          const sent = linked?.decision?.fields ?? [];
          if (row === undefined || (sent.length === 0 && !isNew)) continue;
          told.count++;
          if (told.organizations.length >= mostListed) continue;
          const fields = Object.fromEntries(sent.map(({ field, from, to }) => [field, { from, to }]));
          told.organizations.push({ record_id: linked?.recordId ?? null, name: row.columns["name"] ?? null, fields });
        }
      return answer<ToSendAnswer>(context, told);
    })
    .post("/conflicts/:id/take", needs("editor"), async (context) => {
      const { name: user } = context.var.person;
      const service = runningService(host);
      const { database, jobs, events } = service;
      const id = context.req.param("id");
      const [conflict] = /^\d{1,18}$/.test(id) ? await readConflicts(database, [id]) : [];
      if (conflict === undefined) throw new Failure("usage", `There is no conflict ${JSON.stringify(id)}.`);
      const [row] = await readRows(database, "company", [String(conflict.recordId)]);
      const mapping = await mappingOf(service);
      const write = row === undefined ? { refused: "the company has no row" } : takeOther(conflict, row, mapping);
      if ("refused" in write) {
        throw new Failure("usage", `The other value cannot be taken: ${write.refused}.`, {
          hint: "Change it in Planhat or in Pipedrive.",
        });
      }
      const sync = { mode: "company", company: conflict.recordId, taking: [id], by: "console", user } as const;
      const request = await jobs.requestSync(sync);
      events.emit("work");
      const subject = `organizations ${conflict.recordId} ${conflict.field}`;
      await log(host, user, { action: "take the other value", subject });
      return answer<AskedRunAnswer>(context, { request });
    });
}
