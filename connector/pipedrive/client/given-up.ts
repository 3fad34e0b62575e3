import { Failure } from "../../failure.ts";
import { whatItSays } from "../../http/answer-text.ts";
import type { HttpAnswer } from "../../http/exchange.ts";
import type { Retries } from "../../http/retries.ts";
import { proxyFailure, type Trouble } from "../../http/trouble.ts";
import type { RequestName } from "./refusal.ts";

/** The failure of a request of unknown outcome: Pipedrive may or may not have executed it. */
export class Unclear extends Failure {}

/** Returns the failure of a request that never got a complete answer. */
export function broken(
  { text, origin, firstContact }: RequestName,
  trouble: Trouble,
  retries: Retries,
  method: string,
): Failure {
  if (trouble.kind === "proxy") return proxyFailure(`Pipedrive at ${origin}`, trouble);
  if (trouble.kind === "unreachable") {
    return new Failure("surroundings", `No connection to Pipedrive at ${origin}: ${trouble.message}.`, {
      hint: "Check company_url and this machine's network, then run again.",
      remedy: trouble.isForGood && firstContact ? "change" : "retry",
    });
  }
  if (trouble.kind === "untrusted") {
    return new Failure("surroundings", `No safe connection to Pipedrive at ${origin}: ${trouble.message}.`, {
      hint: "If a company proxy is in between, set NODE_EXTRA_CA_CERTS to the file of its certificate.",
      remedy: "change",
    });
  }
  if (trouble.kind === "too large") return new Unclear("run", `${text} was given up: ${trouble.message}.`);
  return new Unclear("run", `${text} failed${retries.told()}: ${trouble.message}.`, { hint: hintAfter(method) });
}

/** Returns the failure of a request that got 5xx on every try. */
export function serverError({ text }: RequestName, answer: HttpAnswer, retries: Retries, method: string): Failure {
  const said = whatItSays(answer);
  const because = said === undefined || method !== "GET" ? "" : `: ${said}`;
  return new Unclear("run", `${text} failed${retries.told()}: Pipedrive answered ${answer.status}${because}.`, {
    hint: hintAfter(method),
    quoted: method === "GET" ? undefined : said,
  });
}

function hintAfter(method: string): string {
  return method === "POST"
    ? "Pipedrive may have carried it out, so it was not retried. Check in Pipedrive before you repeat it."
    : "Committed work is kept: run again later. status.pipedrive.com reports outages.";
}

/** Returns the failure of a request that got 429 on every try. */
export function tooFast({ text }: RequestName, retries: Retries): Failure {
  return new Failure(
    "surroundings",
    `${text} failed${retries.told()}: Pipedrive still answers 429 Too Many Requests.`,
    {
      hint: "Another program may be using the same API token: stop it, or give the connector a user of its own.",
    },
  );
}
