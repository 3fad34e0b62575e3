import { Failure, type FailureKind, type Remedy } from "../../failure.ts";
import { isWebPage, whatItSays } from "../../http/answer-text.ts";
import type { HttpAnswer } from "../../http/exchange.ts";

/** The facts about a request by which its answer is judged. */
export interface RequestName {
  /** `GET /api/v2/deals`: method and path, without the query. */
  text: string;
  path: string;
  /** The scheme and host of the request. */
  origin: string;
  /** The way in which the request was signed. */
  signedBy: "api_token" | "credentials";
  /** True while this client has had no successful answer, so that the config may be at fault. */
  firstContact: boolean;
}

/** A rejection by Pipedrive. */
export class Refusal extends Failure {
  /** The HTTP status; 200 if the body says `success: false`. */
  readonly status: number;

  constructor(
    kind: FailureKind,
    status: number,
    message: string,
    options: { hint?: string | undefined; remedy?: Remedy } = {},
  ) {
    super(kind, message, options);
    this.status = status;
  }
}

/** Returns true if Pipedrive rejected one request for its content (400, 403, 404, 410 …): another one may succeed. */
export function isOwnRefusal(error: unknown): error is Refusal {
  if (!(error instanceof Refusal)) return false;
  // The token is rejected, the account is closed, or its requests are redirected or blocked for a while.
  const concernsAll = error.status === 401 || error.status === 402 || (error.status >= 300 && error.status < 400);
  return !concernsAll && !(error.status === 403 && error.remedy === "retry");
}

/** Returns true if Pipedrive rejected the content of a body, so that another body may be accepted. */
export function isRefusedBody(error: unknown): boolean {
  return isOwnRefusal(error) && (error.status === 400 || error.status === 422);
}

/**
 * Returns true if the token's user lacks the permission; false for Pipedrive's gateway, which blocks the whole account.
 */
export function isNotPermitted(error: unknown): boolean {
  return isOwnRefusal(error) && error.status === 403;
}

/** Returns the failure for a status other than 2xx, 429 and 5xx (Pipedrive docs, "HTTP status codes"). */
export function refusalOf(request: RequestName, answer: HttpAnswer): Refusal {
  const { status, headers } = answer;
  const said = whatItSays(answer);
  const because = `(${status}${said === undefined ? "" : `: ${said}`})`;
  const ifConfig: FailureKind = request.firstContact ? "usage" : "run";
  if (status === 401) return refusedToken(request, because);
  if (status === 402) {
    return new Refusal("surroundings", status, `The Pipedrive account is not open ${because}.`, {
      hint: "Its trial is over or a bill is unpaid: an administrator sees which in Pipedrive, under Billing.",
      remedy: "change",
    });
  }
  if (status === 403) return isWebPage(answer) ? blocked(request) : forbidden(request, because);
  if (status >= 300 && status < 400) {
    const target = hostOf(headers["location"], request.origin);
    return new Refusal(
      ifConfig,
      status,
      `${request.text} was redirected to ${target} (${status}), which is not followed: the API token belongs to ${request.origin} only.`,
      { hint: companyUrlHint, remedy: "change" },
    );
  }
  if (isWebPage(answer)) return webPage(request, status);
  if (status === 404) {
    return new Refusal(ifConfig, status, `${request.origin} has no ${request.path} ${because}.`, {
      hint: request.firstContact
        ? companyUrlHint
        : "The record or its list is gone, or the token's user may not see it.",
      remedy: "change",
    });
  }
  if (status === 410) {
    return new Refusal("run", status, `${request.text} is gone from Pipedrive ${because}.`, {
      hint: "Try a newer version of pipedrive-planhat, which may use its successor.",
      remedy: "report",
    });
  }
  return new Refusal("run", status, `Pipedrive refused ${request.text} ${because}.`, { remedy: "report" });
}

const companyUrlHint =
  "Check company_url: write the address that the browser shows while you are signed in to Pipedrive.";

/** Returns the failure of an answer that is a web page instead of JSON. */
export function webPage(request: RequestName, status: number): Refusal {
  return new Refusal(
    request.firstContact ? "usage" : "run",
    status,
    `${request.text} was answered with a web page instead of JSON (${status}).`,
    {
      hint: request.firstContact
        ? companyUrlHint
        : "Something between here and Pipedrive may have answered in its place.",
    },
  );
}

/** Returns the failure of an answer with a good status whose body says `success: false`. */
export function unsuccessful(request: RequestName, answer: HttpAnswer): Refusal {
  const said = whatItSays(answer);
  return new Refusal(
    "run",
    answer.status,
    `Pipedrive refused ${request.text}${said === undefined ? "" : `: ${said}`}.`,
    { remedy: "report" },
  );
}

function refusedToken({ signedBy }: RequestName, because: string): Refusal {
  if (signedBy === "credentials") {
    return new Refusal("surroundings", 401, `Pipedrive refused the OAuth2 credentials ${because}.`, {
      hint: "Install the app again in Pipedrive and put the new refresh_token into the config.",
      remedy: "change",
    });
  }
  return new Refusal("surroundings", 401, `Pipedrive refused the API token ${because}.`, {
    hint: "Copy it from Pipedrive (Personal preferences > API) into api_token; making a new token there ends the old one.",
    remedy: "change",
  });
}

function blocked({ text }: RequestName): Refusal {
  return new Refusal(
    "surroundings",
    403,
    `Pipedrive's gateway blocks this account's API requests for a while (403 with a web page, at ${text}).`,
    {
      hint: "This happens when a program keeps sending requests after 429. Stop other programs that use the account's API, wait a few minutes, and run again.",
    },
  );
}

/** The OAuth2 scope that reads each path (openapi-v1.yaml and openapi-v2.yaml, `security`). */
const scopes: readonly (readonly [RegExp, string])[] = [
  [/\/(deals|dealFields|pipelines|stages)/, "deals:read"],
  [/\/(organizations|persons|organizationFields|personFields)/, "contacts:read"],
  [/\/notes/, "deals:read or contacts:read"],
  [/\/users$/, "users:read"],
  [/\/webhooks/, "admin"],
];

/**
 * Pipedrive's wording if an account's plan has reached a limit: a code, or only the sentence (changelog, 2024-11-18).
 */
const planLimit = /feature_capping_\w+_limit|limit reached|reached the .*limit/i;

function forbidden(request: RequestName, because: string): Refusal {
  if (planLimit.test(because)) {
    return new Refusal(
      "surroundings",
      403,
      `The Pipedrive account's plan has no room for ${request.text} ${because}.`,
      {
        hint: "In Pipedrive, delete records that you no longer need, or change the plan. The next run tries again.",
        remedy: "change",
      },
    );
  }
  const scope = scopes.find(([pattern]) => pattern.test(request.path))?.[1];
  const hint =
    request.signedBy === "credentials"
      ? `The app needs the scope ${scope ?? "base"}; a new scope takes effect when the app is installed again.`
      : "Use an administrator's API token: a token may do what its user may do, and a plan may lack the feature.";
  return new Refusal("surroundings", 403, `Pipedrive does not permit ${request.text} ${because}.`, {
    hint,
    remedy: "change",
  });
}

function hostOf(location: string | undefined, origin: string): string {
  if (location === undefined || !URL.canParse(location, origin)) return "an unnamed place";
  return new URL(location, origin).host;
}
