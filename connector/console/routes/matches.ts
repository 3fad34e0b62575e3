import { Hono } from "hono";
import { readRecordsOfRows } from "../../database/landing/records-of-rows.ts";
import { Failure } from "../../failure.ts";
import type { CompiledField, TraceStep } from "../../mapping/compiled-mapping.ts";
import { type ModelName, modelNames } from "../../model-name.ts";
import { type StreamName, streamNames } from "../../stream-name.ts";
import { answer } from "../answer.ts";
import { body, objectOf } from "../checked-input.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { needs } from "../guard.ts";
import { compiledFiles, type EditBody, proposeChange } from "../proposed-change.ts";
import { edits } from "./edits.ts";

/** A value of a matched field: what it is in Pipedrive, and what becomes of it. */
export interface MatchSample {
  record: number;
  company: string | null;
  from: TraceStep["result"];
  to: TraceStep["result"];
}

/** The values that a match gives to the rows that exist, counted by what becomes of them, with some for example. */
export interface MatchAnswer {
  rows: number;
  states: Record<"present" | "null" | "empty" | "rejected", number>;
  samples: MatchSample[];
}

const mostSamples = 5;

/** Adds the route that tries a match of fields on every row, before it is saved. */
export function matchRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>().post(
    "/match/try",
    needs("operator"),
    body<Pick<EditBody, "edits"> & { stream: StreamName; model: ModelName; field: string }>(
      objectOf(
        {
          edits,
          stream: { enum: streamNames },
          model: { enum: modelNames },
          field: { type: "string", maxLength: 500 },
        },
        ["stream", "model", "field"],
      ),
    ),
    async (context) => {
      const service = runningService(host);
      const { stream, model, field, edits: values } = context.req.valid("json");
      const { mapping: files = [], problems } = await proposeChange(host, { edits: values, texts: undefined });
      const [error] = problems.filter(({ severity }) => severity === "error");
      if (error !== undefined) throw new Failure("usage", error.message, { hint: error.hint });
      const mapping = await compiledFiles(service, files);
      const found = mapping?.[stream].models.find((one) => one.model === model)?.fields ?? [];
      const entries = found.filter(
        (one) => one.field === field && one.reads.every(({ stream: own }) => own === stream),
      );
      const tried = new TriedMatch(entries);
      if (mapping !== undefined && entries.length > 0)
        for await (const batch of readRecordsOfRows(service.database, stream, model, mapping.unread[stream]))
          for (const one of batch) tried.add(one);
      return answer<MatchAnswer>(context, tried.told());
    },
  );
}

/** Counts the values of a match, and keeps some: different ones first, and one of each state. */
class TriedMatch {
  readonly #entries: readonly CompiledField[];
  readonly #states: MatchAnswer["states"] = { present: 0, null: 0, empty: 0, rejected: 0 };
  readonly #different = new Map<string, MatchSample>();
  readonly #others: MatchSample[] = [];
  #rows = 0;

  constructor(entries: readonly CompiledField[]) {
    this.#entries = entries;
  }

  add({ id, record, company }: { id: number; record: Parameters<CompiledField["trace"]>[0]; company: string | null }) {
    this.#rows++;
    const entry = this.#entries.find((one) => one.applies(record, {}) === true);
    const steps = entry?.trace(record, {}) ?? [];
    const to = steps.at(-1)?.result ?? { state: "empty" as const };
    this.#states[to.state]++;
    const sample = { record: id, company, from: steps[0]?.result ?? to, to };
    const key = to.state === "present" ? JSON.stringify(to.value) : to.state;
    if (!this.#different.has(key) && this.#different.size < 100) this.#different.set(key, sample);
    else if (this.#others.length < mostSamples && to.state === "present") this.#others.push(sample);
  }

  told(): MatchAnswer {
    const all = [...this.#different.values()];
    const values = all.filter(({ to }) => to.state === "present");
    const rest = all.filter(({ to }) => to.state !== "present");
    const shown = [...values.slice(0, mostSamples - rest.length), ...rest];
    const samples = [...shown, ...this.#others].slice(0, mostSamples);
    return { rows: this.#rows, states: this.#states, samples };
  }
}
