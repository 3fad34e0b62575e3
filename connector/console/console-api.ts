import { Hono } from "hono";
import type { ConsoleEnv, ConsoleHost } from "./console-host.ts";
import { failureAnswer } from "./failure-answer.ts";
import { guard } from "./guard.ts";
import { actRoutes } from "./routes/acts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { bothWaysRoutes } from "./routes/both-ways.ts";
import { companyRoutes } from "./routes/companies.ts";
import { connectionRoutes } from "./routes/connection.ts";
import { editRoutes } from "./routes/edits.ts";
import { eventRoutes } from "./routes/events.ts";
import { explainRoutes } from "./routes/explain.ts";
import { firstHourRoutes } from "./routes/first-hour.ts";
import { matchRoutes } from "./routes/matches.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { ownMappingRoutes } from "./routes/own-mapping.ts";
import { problemRoutes } from "./routes/problems.ts";
import { runRoutes } from "./routes/runs.ts";
import { searchRoutes } from "./routes/search.ts";
import { sessionRoutes } from "./routes/session.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { signInRoutes, signOutRoutes } from "./routes/sign-in.ts";

/** Returns the API of the console, which the page calls under `/console/api`. */
export function consoleApi(host: ConsoleHost) {
  return new Hono<ConsoleEnv>()
    .onError((error) => failureAnswer(error, host.onDefect))
    .route("/", signInRoutes(host))
    .use(guard(host))
    .route("/", signOutRoutes(host))
    .route("/", sessionRoutes(host))
    .route("/", firstHourRoutes(host))
    .route("/", overviewRoutes(host))
    .route("/", runRoutes(host))
    .route("/", problemRoutes(host))
    .route("/", explainRoutes(host))
    .route("/", companyRoutes(host))
    .route("/", searchRoutes(host))
    .route("/", actRoutes(host))
    .route("/", bothWaysRoutes(host))
    .route("/", auditRoutes(host))
    .route("/", editRoutes(host))
    .route("/", matchRoutes(host))
    .route("/", ownMappingRoutes(host))
    .route("/", connectionRoutes(host))
    .route("/", eventRoutes(host))
    .route("/", settingsRoutes(host));
}

/** The type of the API, for the page's client: `hc<ConsoleApi>(…)`. */
export type ConsoleApi = ReturnType<typeof consoleApi>;
