import { Failure } from "../failure.ts";
import { isWebPage, whatItSays } from "../http/answer-text.ts";
import type { HttpAnswer } from "../http/exchange.ts";
import type { Retries } from "../http/retries.ts";
import { proxyFailure, type Trouble } from "../http/trouble.ts";

/** The facts about a request by which its answer is judged. */
export interface PlanhatRequestName {
  method: "GET" | "PUT" | "DELETE";
  path: string;
  /** The plural noun for its subject in messages: "custom fields". */
  things: string;
  host: string;
}

const newToken = "Make a new one in Planhat's settings, for a private app or service account.";
const otherAddress = "`planhat.api_url` must be the API's address, such as https://api.planhat.com.";

/** A rejection by Planhat. It is of kind `surroundings`, and needs a change. */
export class PlanhatRefusal extends Failure {
  /** The HTTP status. */
  readonly status: number;

  constructor(status: number, message: string, hint: string) {
    super("surroundings", message, { hint, remedy: "change" });
    this.status = status;
  }
}

/** A rejection of a whole call for its content; Planhat executed none of it. It is of kind `run`. */
export class RefusedCall extends Failure {
  constructor(message: string, quoted?: string | undefined) {
    super("run", message, { remedy: "report", quoted, hint: quoted === undefined ? undefined : seeRuns });
  }
}

/** Returns the failure of a malformed token. */
export function noSuchToken(): Failure {
  return new PlanhatRefusal(
    401,
    "`planhat.api_token` is empty or has characters that no token has.",
    "Copy it again from Planhat.",
  );
}

/** Returns the failure for an answer that is neither 429, nor 5xx, nor what was requested. */
export function planhatRefusalOf(request: PlanhatRequestName, answer: HttpAnswer): Failure {
  const { host, things, method } = request;
  const { status } = answer;
  const verb = method === "GET" ? "read" : "write";
  const said = whatItSays(answer);
  if (status === 401) {
    return new PlanhatRefusal(status, `Planhat (${host}) does not accept \`planhat.api_token\` (401).`, newToken);
  }
  if (status === 404) return new PlanhatRefusal(status, `${host} has no list of ${things} (404).`, otherAddress);
  if (status >= 300 && status < 400) {
    return new PlanhatRefusal(
      status,
      `${host} redirects to another address (${status}), which does not get the token.`,
      otherAddress,
    );
  }
  if (isWebPage(answer)) {
    return new PlanhatRefusal(status, `${host} answered with a web page instead of data (${status}).`, otherAddress);
  }
  if (status === 403) {
    return new PlanhatRefusal(
      status,
      `Planhat (${host}) does not let this token ${verb} ${things} (403).`,
      `Give its private app or service account the right to ${verb} ${things}.`,
    );
  }
  if (status >= 200 && status < 300) {
    return new PlanhatRefusal(status, `${host} answered with something other than a list of ${things}.`, otherAddress);
  }
  const refused = `Planhat (${host}) refused ${method} ${request.path} (${status}`;
  if (method === "GET") return new RefusedCall(`${refused}${said === undefined ? "" : `: ${said}`}).`);
  return new RefusedCall(`${refused}).`, said);
}

/** The place of the words of an answer to a write, which may quote what was written. */
const seeRuns = "`pipedrive-planhat runs last` shows what it said, which may quote values of records.";

/** Returns the failure of a request that got 5xx on every try. */
export function unavailable(
  { host, things, method }: PlanhatRequestName,
  answer: HttpAnswer,
  retries: Retries,
): Failure {
  const said = whatItSays(answer);
  const asked = method === "GET" ? `when asked for its ${things}` : `when ${things} were sent to it`;
  return new Failure(
    "run",
    `Planhat (${host}) answered ${answer.status} ${asked}${retries.told()}${said === undefined || method !== "GET" ? "" : `: ${said}`}.`,
    method === "GET" ? {} : { hint: goesOn, quoted: said },
  );
}

/** Returns the failure of a request that never got a complete answer. */
export function troubleFailure(
  { host, things, method }: PlanhatRequestName,
  trouble: Trouble,
  retries: Retries,
): Failure {
  if (trouble.kind === "proxy") return proxyFailure(`Planhat (${host})`, trouble);
  if (trouble.kind === "unreachable") {
    return new Failure("surroundings", `Planhat (${host}) could not be reached: ${trouble.message}.`, {
      hint: "Check the connection and `planhat.api_url`.",
      remedy: trouble.isForGood ? "change" : "retry",
    });
  }
  if (trouble.kind === "untrusted") {
    return new Failure("surroundings", `No safe connection to Planhat (${host}): ${trouble.message}.`, {
      hint: "If a company proxy is in between, set NODE_EXTRA_CA_CERTS to the file of its certificate.",
      remedy: "change",
    });
  }
  const asked = method === "GET" ? `about its ${things}` : `on ${things} sent to it`;
  return new Failure(
    "run",
    `Planhat (${host}) gave no complete answer ${asked}${retries.told()}: ${trouble.message}.`,
    {
      hint: method === "GET" ? undefined : goesOn,
    },
  );
}

/**
 * Returns the failure if Planhat answers 429 on every try, or asks for a wait that does not justify a running process.
 */
export function planhatTooFast({ host }: PlanhatRequestName, wait: number, retries: Retries): Failure {
  return new Failure(
    "surroundings",
    `Planhat (${host}) still answers 429 Too Many Requests${retries.told()}; wait ${Math.round(wait / 1000)} s before the next try.`,
    { hint: "Another program may be using the same tenant's API. Committed work is kept: run again later." },
  );
}

const goesOn = "Committed work is kept; the next run continues from there.";
