import { Failure } from "../../failure.ts";
import type { Run, RunRequest } from "../run-context.ts";
import { lineageEvent, type RunMoment } from "./lineage-event.ts";

/** Tells the end of a run, and waits until that is told. */
export type TellEnd = (failure: unknown) => Promise<void>;

/**
 * Tells the start of a run where its request names somebody to be told. Nobody waits for that; it never fails. A
 * rehearsal tells nothing, because nothing comes of it; if it is kept, as by `sync --plan`, both moments are told at
 * the end.
 */
export function tellStart(run: Run<RunRequest>): TellEnd {
  const { request, id, summary } = run;
  const { lineage, database } = request;
  if (lineage === undefined) return async () => undefined;
  const send = (type: RunMoment["type"], more: Partial<RunMoment> = {}) => {
    const moment = { type, run: id, at: new Date().toISOString(), ...more };
    return lineage.send(lineageEvent(lineage.place, request.mapping, moment));
  };
  const at = new Date().toISOString();
  const started = database.rehearsal ? undefined : send("START", { at });
  return async (failure) => {
    if (database.rehearsal) return;
    await (started ?? send("START", { at }));
    const { models } = summary;
    if (failure === undefined) return send("COMPLETE", { models });
    const kind = summary.status === "held" ? "held by the brake" : failure instanceof Failure ? failure.kind : "defect";
    return send("FAIL", { models, failure: kind });
  };
}
