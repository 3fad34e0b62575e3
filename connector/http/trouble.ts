import { Failure } from "../failure.ts";

/**
 * Why no complete answer came: `unreachable`, nothing was sent because there is no connection; `proxy`, the proxy did not
 * open one; `untrusted`, the server's certificate is not valid; `too large`; `interrupted`, the connection broke, fell
 * silent, dripped or the answer was cut short.
 */
export type TroubleKind = "unreachable" | "proxy" | "untrusted" | "too large" | "interrupted";

/** An exchange without an answer. It carries nothing of the request: an axios error holds the token. */
export class Trouble extends Error {
  readonly kind: TroubleKind;
  /** Waiting mends nothing: the address is what is wrong, and not the network. */
  readonly isForGood: boolean;
  /** The way out, where it depends on more than the kind. */
  readonly hint: string | undefined;

  /** `message` goes on after the name of the request: "the connection was reset". */
  constructor(kind: TroubleKind, message: string, options: { isForGood?: boolean; hint?: string } = {}) {
    super(message);
    this.kind = kind;
    this.isForGood = options.isForGood ?? false;
    this.hint = options.hint;
  }
}

/** Returns the failure of a request for which the proxy opened no connection; `service` is what was to be reached. */
export function proxyFailure(service: string, { message, hint, isForGood }: Trouble): Failure {
  return new Failure("surroundings", `No connection to ${service}: ${message}.`, {
    hint: hint ?? "Check HTTPS_PROXY and NO_PROXY, then run again.",
    remedy: isForGood ? "change" : "retry",
  });
}
