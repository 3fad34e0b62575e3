import type { Logger } from "winston";
import type { FinishedRun } from "../service.ts";

/** Logs one line about an ended run: counts and its id, nothing of the synced data. */
export function logRun(logger: Logger, { cause, summary, failure, latencies }: FinishedRun, jobs: number): void {
  const { run, status, seconds, streams, models, requests } = summary;
  const sum = (count: (one: (typeof models)["company"]) => number) =>
    Object.values(models).reduce((total, one) => total + count(one), 0);
  const details = {
    run,
    cause,
    jobs,
    status,
    seconds,
    read: Object.values(streams).reduce((total, { read }) => total + read, 0),
    created: sum(({ created }) => created),
    updated: sum(({ updated }) => updated),
    unchanged: sum(({ unchanged }) => unchanged),
    rejected: sum(({ rejected }) => rejected),
    fields_rejected: sum(({ fields_rejected: fields }) => fields),
    records_rejected: Object.values(streams).reduce((total, { rejected }) => total + rejected, 0),
    requests: requests.count,
    tokens: requests.tokens,
    ...waits(latencies),
  };
  if (failure === undefined) logger.info("Run finished.", details);
  else {
    const error = failure instanceof Error ? failure.message : String(failure);
    logger.warn(status === "held" ? "Run stopped by the brake." : "Run failed.", { error, ...details });
  }
}

/** Returns the waits of events, in seconds from the answer to Pipedrive to the committed row. */
function waits(latencies: readonly number[]): { median_wait?: number; longest_wait?: number } {
  const sorted = [...latencies].sort((a, b) => a - b);
  const longest = sorted.at(-1);
  return longest === undefined ? {} : { median_wait: sorted[sorted.length >> 1]!, longest_wait: longest };
}
