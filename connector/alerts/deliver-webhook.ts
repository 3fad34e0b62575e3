import type { AlertChannel } from "../config/alert-channels.ts";
import { exchange, type HttpAnswer } from "../http/exchange.ts";
import { Trouble } from "../http/trouble.ts";
import { type Delivery, type Limits, quoted } from "./delivery.ts";
import type { AlertMessage } from "./message.ts";
import { signatureHeaders, webhookBodies } from "./message-forms.ts";

type Webhook = AlertChannel & { kind: "webhook" };

/** Bytes of an answer. It is read for one word only. */
const largestAnswer = 1_000_000;

/** Posts a message to a webhook, once. Throws nothing but the signal's reason. */
export async function deliverWebhook(
  { url, format, secret }: Webhook,
  message: AlertMessage,
  limits: Limits,
): Promise<Delivery> {
  const body = webhookBodies[format](message);
  const signed = secret === undefined ? {} : signatureHeaders(message.id, body, secret, Date.now());
  return postJson({ url, format, headers: { "webhook-id": message.id, ...signed }, body }, limits);
}

/** A document of JSON to be posted, and the form of its answer. */
interface Letter extends Pick<Webhook, "url" | "format"> {
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Posts JSON, once. Throws nothing but the signal's reason. */
export async function postJson(
  { url, format, headers, body }: Letter,
  { deadline, signal }: Limits,
): Promise<Delivery> {
  try {
    const answer = await exchange({
      method: "POST",
      url,
      headers: { "content-type": "application/json", "user-agent": "pipedrive-planhat", ...headers },
      body,
      silence: deadline,
      deadline,
      largestAnswer,
      signal,
    });
    return judgeAnswer(answer, format, url, Date.now());
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    return judgeTrouble(error);
  }
}

/** Says what an answer means; `now` is in milliseconds since 1970. */
export function judgeAnswer(
  { status, headers, text }: Pick<HttpAnswer, "status" | "headers" | "text">,
  format: Webhook["format"],
  url: string,
  now: number,
): Delivery {
  const isPage = /^\s*<(!doctype|html|head|body|\?xml)/i.test(text);
  const answer = `answered ${status}${isPage ? " with a web page" : text.trim() === "" ? "" : ` ${quoted(text)}`}`;
  if (status >= 200 && status < 300) return judgeSuccess(answer, text, isPage, format);
  if (status >= 300 && status < 400) {
    const to = headers["location"];
    const place = to !== undefined && URL.canParse(to, url) ? ` to ${new URL(to, url).host}` : "";
    return {
      taken: false,
      answer: `answered ${status}, which leads elsewhere${place}`,
      hint: "A redirect is not followed: write the address that takes messages itself.",
      again: "rarely",
    };
  }
  if (status === 429 || status === 408 || status >= 500) {
    const wait = secondsOf(headers["retry-after"], now);
    return { taken: false, answer, again: "soon", ...(wait === undefined ? {} : { wait }) };
  }
  return { taken: false, answer, hint: refusalHint(status, format), again: "rarely" };
}

/** A webhook of Slack says ok; one of Teams says little, and a status of its own within 200 where it failed. */
function judgeSuccess(answer: string, text: string, isPage: boolean, format: Webhook["format"]): Delivery {
  if (format === "slack" && text.trim() !== "ok") {
    return { taken: false, answer, hint: "A webhook of Slack answers ok: is the address right?", again: "rarely" };
  }
  if (format === "teams" && (isPage || /HTTP error \d{3}/i.test(text))) {
    const again = /HTTP error (429|5\d\d)/i.test(text) ? "soon" : "rarely";
    return { taken: false, answer, hint: "A workflow of Teams answers 202: is the address right?", again };
  }
  return { taken: true, answer };
}

function refusalHint(status: number, format: Webhook["format"]): string {
  if (format === "slack" && [403, 404, 410].includes(status)) {
    return "The webhook or its channel is gone, or may not post: make a new incoming webhook in Slack.";
  }
  if (format === "teams" && status !== 413)
    return "Is the workflow still there and switched on? Copy its address again.";
  return "Check the address, and what it takes.";
}

function judgeTrouble({ kind, message, isForGood, hint }: Trouble): Delivery {
  const answer = `gave no answer: ${message}`;
  const more = hint === undefined ? {} : { hint };
  if (kind === "untrusted") return { taken: false, answer, again: "rarely", ...more };
  if (kind === "unreachable" || kind === "proxy") {
    return { taken: false, answer, again: isForGood ? "rarely" : "soon", ...more };
  }
  // It may have arrived, so that another try at once may come twice.
  return { taken: false, answer, again: "later", ...more };
}

/** Reads a Retry-After header: seconds, or a date. */
function secondsOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}
