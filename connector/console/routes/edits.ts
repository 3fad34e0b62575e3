import { resolve } from "node:path";
import { Hono } from "hono";
import { withLineage } from "../../alerts/with-lineage.ts";
import { loadMapping } from "../../commands/opening/load-mapping.ts";
import { shownConfig } from "../../config/shown-config.ts";
import { type PropertySchema, readSpecification } from "../../config/specification.ts";
import { listWaitingOf } from "../../database/tables/consents.ts";
import { sha256 } from "../../mapping/fingerprint.ts";
import { askingFor } from "../../pipedrive/account/asking-for.ts";
import { createBudget } from "../../pipedrive/client/budget.ts";
import type { Problem } from "../../problem.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { withBrake } from "../../sync/brake/brake-run.ts";
import { materialById } from "../../sync/inspect/preview-material.ts";
import { previewRecord, type RecordPreview } from "../../sync/inspect/preview-record.ts";
import { ofOwnAccount } from "../../sync/runs/one-account.ts";
import { runRemap } from "../../sync/runs/run-remap.ts";
import { withHistory } from "../../sync/runs/with-history.ts";
import { answer } from "../answer.ts";
import { body, objectOf } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { type EffectAnswer, effectOf } from "../effect.ts";
import { log, needs } from "../guard.ts";
import { catalogOf } from "../known-mapping.ts";
import {
  checkedFiles,
  type EditBody,
  filesWith,
  type MappingText,
  type ProposedChange,
  proposeChange,
  refuseUnfit,
} from "../proposed-change.ts";
import { isWritable, replaceTogether } from "../replace-files.ts";
import { startedBy, underLock } from "../under-lock.ts";

/** A change before it is saved. In the text of the config secrets appear as `*`. */
export interface ProposedAnswer {
  files: { file: string; before: string; after: string; hash: string; writable: boolean }[];
  problems: Problem[];
  /** Null if no mapping file changes, one has errors, or nothing has landed. */
  effect: EffectAnswer | null;
}

/** A saved change: the run that mapped the rows again, and whether the service has to be started again. */
export interface SavedAnswer {
  run: string | null;
  status: string | null;
  restart: boolean;
}

const anyValue = {};
const file = { type: "string", maxLength: 1000 };
const texts = {
  type: "array",
  items: objectOf({ file, text: { type: "string", maxLength: 1_000_000 } }, ["file", "text"]),
  maxItems: 20,
};
const path = { type: "array", items: { anyOf: [{ type: "string" }, { type: "integer" }] }, minItems: 1, maxItems: 12 };
/** The schema of single values to change. */
export const edits = {
  type: "array",
  items: objectOf({ file, path, value: anyValue }, ["file", "path"]),
  maxItems: 500,
};

/** Adds the routes that check, try and save changes of the config and the mapping. */
export function editRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .post(
      "/mapping/check",
      needs("operator"),
      body<{ files: MappingText[] }>(objectOf({ files: texts }, ["files"])),
      async (context) => {
        const service = runningService(host);
        const { problems } = await checkedFiles(service, filesWith(service, context.req.valid("json").files));
        return answer<{ problems: Problem[] }>(context, { problems });
      },
    )
    .post(
      "/mapping/preview",
      needs("operator"),
      body<{ stream: StreamName; id: number; files: MappingText[] }>(
        objectOf({ stream: { enum: streamNames }, id: { type: "integer", minimum: 1 }, files: texts }, [
          "stream",
          "id",
          "files",
        ]),
      ),
      async (context) => {
        const service = runningService(host);
        const { stream, id, files } = context.req.valid("json");
        const { config, database, client } = service;
        const proposed = { ...config, files: filesWith(service, files) };
        const mapping = loadMapping(proposed, await catalogOf(service), () => {});
        const own = askingFor(ofOwnAccount(client, database, database.location), mapping.asked);
        const material = await materialById({ database, client: own }, stream, id);
        return answer<RecordPreview>(context, previewRecord(mapping, material));
      },
    )
    .post("/edit/propose", needs("operator"), body<EditBody>(objectOf({ edits, texts })), async (context) => {
      const proposed = await proposeChange(host, context.req.valid("json"));
      return answer<ProposedAnswer>(context, await told(host, proposed));
    })
    .post(
      "/edit/save",
      needs("editor"),
      body<EditBody & { hashes: Record<string, string>; yes?: boolean }>(
        objectOf(
          {
            edits,
            texts,
            hashes: { type: "object", additionalProperties: { type: "string" } },
            yes: { type: "boolean" },
          },
          ["hashes"],
        ),
      ),
      async (context) => {
        const { person } = context.var;
        const { hashes, yes = false, ...asked } = context.req.valid("json");
        const proposed = await proposeChange(host, asked);
        refuseUnfit(proposed, hashes);
        const { files } = proposed;
        replaceTogether(files.map(({ file: name, after }) => ({ path: resolve(name), text: after })));
        const names = files.map(({ file: name }) => name);
        await log(host, person.name, { action: "save", subject: names.join(" "), details: { agreed: yes } });
        const changesConfig = names.includes(host.configFile);
        const run = names.some((name) => name !== host.configFile) ? await remap(host, person, yes) : undefined;
        if (yes && run !== undefined && run.status !== "held") await publishAgreed(host, person.name);
        if (changesConfig) await host.restart?.();
        host.live.tell("settings", null);
        return answer<SavedAnswer>(context, {
          run: run?.run ?? null,
          status: run?.status ?? null,
          restart: changesConfig && host.restart === undefined,
        });
      },
    );
}

async function told(host: ConsoleHost, { files, problems, mapping }: ProposedChange): Promise<ProposedAnswer> {
  const schema = readSpecification().connectionSpecification as PropertySchema;
  const shown = (name: string, text: string) => (name === host.configFile ? shownConfig(text, schema) : text);
  const isRight = problems.every(({ severity }) => severity !== "error");
  return {
    files: files.map(({ file: name, before, after }) => ({
      file: name,
      before: shown(name, before),
      after: shown(name, after),
      hash: sha256(before),
      writable: isWritable(name),
    })),
    problems,
    effect: mapping === undefined || !isRight ? null : await effectOf(runningService(host), mapping),
  };
}

/** Maps the rows again by the saved mapping, as `remap` does; undefined if nothing has landed. */
async function remap(
  host: ConsoleHost,
  person: { name: string; role: "viewer" | "operator" | "editor" },
  yes: boolean,
): Promise<{ run: string; status: string } | undefined> {
  const service = runningService(host);
  if ((await catalogOf(service)) === undefined) return undefined;
  const { config, logger, signal } = service;
  const agreement = yes ? { agreement: { by: person.name } } : {};
  const { summary, failure } = await underLock(host, { writes: true, purpose: "to map again" }, (landed, onProgress) =>
    runRemap({
      ...landed,
      ...agreement,
      ...withBrake(config.brake, agreement),
      ...withHistory(config, startedBy(person)),
      ...withLineage(config, { warn: (message) => logger.warn(message), signal }),
      budget: createBudget({}),
      signal,
      onProgress,
    }),
  );
  if (failure !== undefined && summary.status !== "held") throw failure;
  return { run: summary.run, status: summary.status };
}

/**
 * Asks for the sync that does in Planhat what was agreed to for the rows. Something that the brake has stopped there
 * before keeps waiting for a consent of its own.
 */
async function publishAgreed(host: ConsoleHost, user: string): Promise<void> {
  const { database, config, jobs, events } = runningService(host);
  if (config.planhat === undefined || (await listWaitingOf(database, "brake_planhat")).length > 0) return;
  await jobs.requestSync({ mode: "incremental", by: "console", user, agreed: ["brake_planhat"] });
  events.emit("work");
}
