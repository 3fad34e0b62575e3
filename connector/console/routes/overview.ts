import { Hono } from "hono";
import { type ToldStatus, toldStatus } from "../../commands/status/status.ts";
import { Failure } from "../../failure.ts";
import type { CompiledMapping } from "../../mapping/compiled-mapping.ts";
import type { HealthReport } from "../../service/health.ts";
import type { Service } from "../../service/service.ts";
import {
  type DayOfTokens,
  type RunPoint,
  readRunPoints,
  readStreamFigures,
  readTokenDays,
  type StreamFigures,
} from "../../sync/inspect/read-figures.ts";
import { answer } from "../answer.ts";
import { type ConsoleEnv, type ConsoleHost, runningService } from "../console-host.ts";
import { mappingOf } from "../known-mapping.ts";
import { readState, type StateAnswer } from "../read-state.ts";

/** The content of the overview. */
export interface OverviewAnswer {
  state: StateAnswer;
  /** The output of `status --json`. */
  status: ToldStatus;
  /** The service's own health, as `GET /health` tells it. */
  health: HealthReport;
  streams: StreamFigures[];
  /** The faults of the mapping, as text; null if it has none. */
  mapping_error: string | null;
  schedule: string | null;
  webhook: string | null;
  daily_token_budget: number | null;
}

/** The figures of the overview's plots. */
export interface PlotsAnswer {
  runs: RunPoint[];
  tokens: DayOfTokens[];
  daily_token_budget: number | null;
}

const mostPoints = 200;
const mostDays = 30;

/** Adds the routes of the overview and of the state that every page shows. */
export function overviewRoutes(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .get("/state", async (context) => answer<StateAnswer>(context, await readState(host)))
    .get("/overview", async (context) => {
      const service = runningService(host);
      const { database, config, health } = service;
      const { mapping, error } = await mappingOrError(service);
      return answer<OverviewAnswer>(context, {
        state: await readState(host),
        status: await toldStatus(database, config),
        health: await health.report(),
        streams: await readStreamFigures(database, mapping),
        mapping_error: error,
        schedule: config.schedule ?? null,
        webhook: config.webhook?.public_url ?? null,
        daily_token_budget: config.daily_token_budget ?? null,
      });
    })
    .get("/plots", async (context) => {
      const { database, config } = runningService(host);
      return answer<PlotsAnswer>(context, {
        runs: await readRunPoints(database, mostPoints),
        tokens: await readTokenDays(database, mostDays),
        daily_token_budget: config.daily_token_budget ?? null,
      });
    });
}

async function mappingOrError(
  service: Service,
): Promise<{ mapping: CompiledMapping | undefined; error: string | null }> {
  try {
    return { mapping: await mappingOf(service), error: null };
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "usage") throw error;
    return { mapping: undefined, error: error.message };
  }
}
