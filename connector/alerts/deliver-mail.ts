import type { AlertChannel } from "../config/alert-channels.ts";
import { isLoopback } from "../loopback.ts";
import { type Delivery, type Limits, quoted } from "./delivery.ts";
import type { AlertMessage } from "./message.ts";
import { mailOf } from "./message-forms.ts";

type Mailbox = AlertChannel & { kind: "email" };

/** An error as nodemailer gives it. */
interface MailError {
  code?: string | undefined;
  message: string;
  /** The server's answer, and its three digits. */
  response?: string | undefined;
  responseCode?: number | undefined;
  /** Whom it did not take, where it took others. */
  recipient?: string | undefined;
}

/**
 * Sends a message as an e-mail, once. A password goes over TLS only, and where nobody logs in TLS is used where there
 * is any. Throws nothing but the signal's reason.
 */
export async function deliverMail(
  { to, smtp }: Mailbox,
  message: AlertMessage,
  { deadline, signal }: Limits,
): Promise<Delivery> {
  const { createTransport } = await import("nodemailer");
  const { host, port, username, password, from } = smtp;
  const transport = createTransport({
    host,
    port,
    secure: port === 465,
    requireTLS: password !== undefined && !isLoopback(host),
    ...(username === undefined ? {} : { auth: { user: username, pass: password } }),
    connectionTimeout: deadline,
    greetingTimeout: deadline,
    socketTimeout: deadline,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const late = Symbol("late");
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<typeof late>((resolve, reject) => {
    timer = setTimeout(resolve, deadline, late);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    const sent = await Promise.race([transport.sendMail(mailFor(to, from, message)), end]);
    if (sent === late) {
      return { taken: false, answer: `did not take it within ${Math.round(deadline / 1000)} s`, again: "later" };
    }
    return judgeSent(sent);
  } catch (error) {
    signal?.throwIfAborted();
    return judgeMailError(error as MailError, host);
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

/** The end of a condition stands below its begin in a mailbox, and nobody's absence is answered. */
function mailFor(to: readonly string[], from: string, message: AlertMessage) {
  const idOf = (id: string) => `<${id}@pipedrive-planhat.invalid>`;
  return {
    ...mailOf(message),
    to: [...to],
    from,
    messageId: idOf(message.id),
    ...(message.answers === undefined ? {} : { inReplyTo: idOf(message.answers), references: idOf(message.answers) }),
    headers: { "Auto-Submitted": "auto-generated" },
  };
}

/** Says what came of a mail that the server took for some of its recipients at least. */
function judgeSent(sent: { response: string; rejectedErrors?: MailError[] | undefined }): Delivery {
  const refused = (sent.rejectedErrors ?? []).map(
    ({ recipient, response, message }) => `${recipient ?? "one recipient"} (${quoted(response ?? message)})`,
  );
  const answer = `answered ${quoted(sent.response)}`;
  if (refused.length === 0) return { taken: true, answer };
  return { taken: true, answer, lacking: `refused ${refused.join(", ")}` };
}

/** Says what an error of nodemailer means. A server's 4xx is for now (RFC 5321, 4.2.1), as where it greylists. */
export function judgeMailError({ code, message, response, responseCode }: MailError, host: string): Delivery {
  if (code === "ETLS") {
    const hint = "A password is sent over TLS only: use a port with STARTTLS (587) or TLS (465).";
    return {
      taken: false,
      answer: `offers no TLS that can be used (${quoted(response ?? message)})`,
      hint,
      again: "rarely",
    };
  }
  if (code === "EAUTH") {
    const hint = "Check `smtp.username` and `smtp.password`; some servers want a password made for programs.";
    const isForNow = responseCode !== undefined && responseCode < 500;
    return {
      taken: false,
      answer: `refused the login (${quoted(response ?? message)})`,
      hint,
      again: isForNow ? "later" : "rarely",
    };
  }
  if (responseCode !== undefined && response !== undefined) {
    const isForNow = responseCode >= 400 && responseCode < 500;
    const answer = `answered ${quoted(response)}`;
    if (isForNow) return { taken: false, answer, again: "later" };
    return { taken: false, answer, hint: "Check `smtp.from` and the addresses.", again: "rarely" };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(`${code} ${message}`) || /certificate/i.test(message)) {
    const hint = "To trust an authority of your own, set NODE_EXTRA_CA_CERTS to the file of its certificate.";
    return {
      taken: false,
      answer: `has a certificate that was not accepted (${quoted(message)})`,
      hint,
      again: "rarely",
    };
  }
  const isUnknown = code === "EDNS" || /ENOTFOUND/.test(message);
  const hint = isUnknown ? { hint: `Check \`smtp.host\`: there is no ${host}.` } : {};
  return { taken: false, answer: `gave no answer: ${quoted(message)}`, again: isUnknown ? "rarely" : "later", ...hint };
}
